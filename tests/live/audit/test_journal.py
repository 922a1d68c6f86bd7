"""The audit: over restarts, in bounded size, whatever the disk does."""
import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from spectra_classifier.core.decision import PulsePattern, latched
from spectra_classifier.core.decision.config import Alarm
from spectra_classifier.core.decision.state import (
    ActiveAlarm,
    AlarmState,
    DecisionState,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.audit import journal as audit
from spectra_classifier.live.audit.audit import Audit
from spectra_classifier.live.audit.journal import (
    ALARMS,
    STATES,
    AuditLog,
    Journal,
    audit_folder,
)
from spectra_classifier.live.configuration.configuration import build
from tests.devices.fakes import VALUES, live_model


def records(count, first=0):
    return [{"n": number} for number in range(first, first + count)]


def test_what_is_written_is_read_in_order(tmp_path):
    journal = Journal(tmp_path / "new", "audit")
    journal.append(records(3))
    journal.append(records(2, 3))
    assert journal.read() == records(5)
    assert Journal(tmp_path / "new", "audit").read(2) == records(2, 3)


@pytest.mark.parametrize("torn", [
    b'{"n": 99, "ki', b"\xff\xfe\x00", b'[1, 2]\n', b"\n\n"])
def test_a_torn_end_costs_itself_alone(tmp_path, torn):
    Journal(tmp_path, "audit").append(records(2))
    with Journal(tmp_path, "audit").path().open("ab") as file:
        file.write(torn)
    after = Journal(tmp_path, "audit")
    after.append(records(1, 2))
    assert after.read() == records(3)


def test_the_size_is_bounded_and_the_newest_stay(tmp_path):
    journal = Journal(tmp_path, "audit", max_bytes=200, files=3)
    for number in range(300):
        journal.append(records(1, number))
    assert len(list(tmp_path.iterdir())) == 3
    assert sum(f.stat().st_size for f in tmp_path.iterdir()) < 3 * 240
    found = journal.read()
    assert found == records(len(found), 300 - len(found))
    assert len(found) > 20


def test_a_full_disk_blocks_nobody_and_loses_little(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "RETRY", 0.01)
    full, room = threading.Event(), threading.Event()
    append = Journal.append

    def on_a_full_disk(self, batch):
        if not room.is_set():
            full.set()
            raise OSError(28, "No space left on device")
        append(self, batch)

    monkeypatch.setattr(Journal, "append", on_a_full_disk)
    log = AuditLog(tmp_path)
    log.start()
    log.record("armed", train=7)
    assert full.wait(5)
    log.record("disarmed", train=8)
    assert "No space left" in log.status()
    room.set()
    log.close()
    kinds = [record["kind"] for record in Journal(tmp_path, "audit").read()]
    assert kinds == ["armed", "disarmed"]
    assert log.status() == f"2 records written to {tmp_path}"


def test_what_waits_is_bounded_and_its_loss_is_counted(
        tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "WAITING", 5)
    log = AuditLog(tmp_path)
    for number in range(8):
        log.record("armed", number=number)
    log.start()
    log.close()
    assert [r["number"] for r in Journal(tmp_path, "audit").read()] == [
        3, 4, 5, 6, 7]
    assert log.status().endswith("; 3 lost")


def test_alarms_that_wait_push_nobody_out(tmp_path, monkeypatch):
    monkeypatch.setattr(audit, "WAITING", 5)
    log = AuditLog(tmp_path)
    log.record("armed")
    for number in range(8):
        log.record("alarm raised", ALARMS, number=number)
    log.start()
    log.close()
    assert [r["kind"] for r in Journal(tmp_path, "audit").read()] == ["armed"]
    assert [r["number"] for r in Journal(tmp_path, ALARMS).read()] == [
        3, 4, 5, 6, 7]


def test_alarms_have_a_journal_of_their_own(tmp_path):
    audit = Audit(str(tmp_path), "a/b/c")
    state = DecisionState(train_id=7)
    alarm = AlarmState(ActiveAlarm("drift", Alarm.WARN, "bin 8 shifted"), 0.,
                       7, raised=True)
    waits = replace(alarm, raised=False)
    for alarms in (waits,), (alarm,), (replace(alarm, acknowledged=True),):
        with audit.for_client("acknowledge <- gui-17", "acknowledge"):
            audit.observe(SimpleNamespace(
                state=replace(state, alarms=alarms)))
    raised, seen = written(audit, ALARMS)
    assert raised["kind"] == "alarm raised"
    assert (raised["alarm"], raised["train"]) == ("drift", 7)
    assert seen["kind"] == "alarm acknowledged"
    assert seen["who"] == "gui-17"
    assert audit.log._journals["audit"].read() == []


def test_a_log_that_never_gets_a_disk_ends_in_time(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    log = AuditLog(tmp_path / "file")
    log.start()
    log.record("armed")
    log.close(timeout=5)
    assert not log._thread.is_alive()
    assert "1 wait" in log.status()


def test_the_folder(tmp_path):
    where = audit_folder("", "a/b/c", {"KARABO": str(tmp_path)})
    assert where == tmp_path / "var/data/spectra_classifier/a+b+c"
    assert audit_folder("/x", "a/b/c", {}).name == "a+b+c"
    assert audit_folder("", "a/b/c", {}) is None
    with pytest.raises(ConfigurationError, match="absolute path"):
        audit_folder("relative", "a/b/c", {})


def test_nowhere_is_said():
    assert "KARABO" in AuditLog(None).status()
    assert "absolute" in Audit("relative", "a/b/c").log.status()


def written(audit, name="audit"):
    audit.log.start()
    audit.log.close()
    return audit.log._journals[name].read()


def test_every_changed_property_is_a_record_with_both_hashes(tmp_path):
    old = build(VALUES, live_model())
    new = build(VALUES | {
        "conditions.maxLatency": 100., "model.overrideObjection": "beam test",
        "dark.spectrum": (0.5,) * 32 * 8}, None)
    audit = Audit(str(tmp_path), "a/b/c")
    with audit.for_client("slotReconfigure <- gui-17", "slotReconfigure"):
        audit.changed(old, new)
    found = {(r["kind"], r.get("key", "")): r for r in written(audit)}
    latency = found["configuration", "conditions.maxLatency"]
    assert (latency["old"], latency["new"]) == (500, 100)
    assert (latency["oldHash"], latency["newHash"]) == (old.hash, new.hash)
    assert latency["who"] == "gui-17"
    assert latency["time"].endswith("+00:00")
    assert found["override", "model.overrideObjection"]["new"] == "beam test"
    assert found["configuration", "dark.spectrum"]["new"]["items"] == 256
    assert found["model", ""]["old"] == "fake"
    assert len(found) == 4


def test_a_stale_command_names_nobody(tmp_path):
    audit = Audit(str(tmp_path), "a/b/c")
    with audit.for_client("arm <- gui-17", "disarm"):
        audit.asked("disarm", "")
    assert written(audit)[0]["who"] == ""


def test_the_history_of_before_comes_back_newest_first(tmp_path):
    audit = Audit(str(tmp_path), "a/b/c")
    for number in range(3):
        audit.log.record("state", STATES, row=[
            "2026-01-01 00:00:00", number, "high", "why", "hash"])
    audit.log.record("state", STATES, row=["broken"])
    for wrong in (["t", 2**64, "high", "why", "hash"],
                  ["t", True, "high", "why", "hash"],
                  ["t", 5, "\ud800", "why", "hash"]):
        audit.log.record("state", STATES, row=wrong)
    assert len(written(audit, STATES)) == 7
    rows = Audit(str(tmp_path), "a/b/c").history(5)
    assert [row[1] for row in rows] == [2]
    assert [row[1] for row in Audit(str(tmp_path), "a/b/c").history(9)] == [
        2, 1, 0]


def test_a_record_that_is_no_json_is_written_as_text(tmp_path):
    journal = Journal(tmp_path, "audit")
    journal.append([{"path": tmp_path}])
    assert json.loads(journal.path().read_text()) == {"path": str(tmp_path)}


def latched_audit(folder, *states):
    audit = Audit(str(folder), "a/b/c")
    audit.log.start()
    flow = SimpleNamespace(configuration=None)
    for state in states:
        flow.state = state
        audit.observe(flow)
    audit.log.close()
    return Audit(str(folder), "a/b/c").last_latch()


def test_what_was_latched_is_known_after_a_start(tmp_path):
    even, odd = PulsePattern("even", 0, 2), PulsePattern("odd", 1, 2)
    one = latched(DecisionState(), "vapour", (even,))
    both = latched(DecisionState(), "vapour", (even, odd), lost=True)
    assert latched_audit(tmp_path / "0", DecisionState()) is None
    assert latched_audit(tmp_path / "1", one) == ("vapour", (even,), False)
    assert latched_audit(tmp_path / "2", one, both) == (
        "vapour", (even, odd), True)
    assert latched_audit(tmp_path / "3", both, DecisionState()) is None


@pytest.mark.parametrize("causes", [None, "x", [1], [{"name": ""}], [{
    "first": "a"}], [{"unheard": 1}]])
def test_a_latch_whose_record_is_damaged_is_a_latch(tmp_path, causes):
    audit = Audit(str(tmp_path), "a/b/c")
    audit.log.start()
    audit.note("latched", reason="vapour", causes=causes)
    audit.log.close()
    latch, patterns, lost = audit.last_latch()
    assert (latch, patterns, lost) == ("vapour", (), False)
    assert latched(DecisionState(), latch, patterns, lost).interlocked


@pytest.mark.parametrize("lost", ["false", 1, [True], None])
def test_only_true_tells_of_a_lost_permit(tmp_path, lost):
    audit = Audit(str(tmp_path), "a/b/c")
    audit.log.start()
    audit.note("latched", reason="vapour", causes=[], lost=lost)
    audit.log.close()
    assert audit.last_latch() == ("vapour", (), False)
