"""Two detector modules that see one spectrum: leader and follower."""
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .raw_frames import RECEIVED, ROW, Arrays, in_place, received_of

#: no second module; its strips behind those of the leader; strip by strip in
#: turns, the first one the leader's
OFF, APPENDED, INTERLEAVED = JOINS = "off", "appended", "interleaved"


def join_modules(leader: Arrays, follower: Arrays,
                 how: str) -> dict[str, NDArray[np.number | np.bool_]]:
    """Return the arrays of two modules as those of one, for `prepare`.

    A pulse that one of them has not received, or that has different ids, is
    not valid in the result.

    Parameters
    ----------
    leader, follower
        Arrays of the same train, see `raw_frames.prepare`.
    how
        APPENDED or INTERLEAVED.

    Raises
    ------
    InputError
        Where they cannot belong to one train.
    """
    if len(leader["data"]) != len(follower["data"]):
        raise InputError(
            f"the follower has {len(follower['data'])} pulses, the leader "
            f"{len(leader['data'])}")
    if leader["data"].dtype != follower["data"].dtype:
        raise InputError(
            f"the follower sends {follower['data'].dtype}, the leader "
            f"{leader['data'].dtype}: both must be raw, or both corrected")
    leader, follower = _in_step(leader, follower)
    joined: dict[str, NDArray[np.number | np.bool_]] = {
        "data": _side_by_side(leader["data"], follower["data"], how)}
    if "gain" in leader or "gain" in follower:
        joined["gain"] = _gain(leader, follower, how)
    if "mask" in leader or "mask" in follower:
        joined["mask"] = _mask(leader, follower, how)
    for name in RECEIVED:
        found = [part[name] for part in (leader, follower) if name in part]
        if found:
            joined[name] = np.where(found[-1] > 0, found[0], 0)
    if ROW in leader:
        joined[ROW] = leader[ROW]
    return joined | _ids(leader, follower, joined)


def _in_step(leader: Arrays, follower: Arrays) -> tuple[Arrays, Arrays]:
    """Both with every frame at its place in the burst.

    Modules that start together count alike: what is the first frame of one
    is the second frame of the other where that one has lost its first.
    """
    one, other = _first_frame(leader), _first_frame(follower)
    near = min(one, other) > 0 and abs(one - other) < len(leader["data"])
    first = min(one, other) if near else None
    return in_place(leader, first), in_place(follower, first)


def _first_frame(arrays: Arrays) -> int:
    """Number of the frame in the first buffer, 0 where there is none."""
    frames = arrays.get("frame_number")
    if frames is None or not frames.size or frames.dtype.kind not in "ui":
        return 0
    return int(frames.flat[0])


def _side_by_side[Scalar: np.generic](
        one: NDArray[Scalar], other: NDArray[Scalar],
        how: str) -> NDArray[Scalar]:
    """(..., n) and (..., m) -> (..., n + m)."""
    if how == APPENDED:
        return np.concatenate([one, other], axis=-1)
    if one.shape != other.shape:
        raise InputError(
            f"the follower has {other.shape[-1]} channels, the leader "
            f"{one.shape[-1]}: only equal numbers can be interleaved")
    return np.stack([one, other], axis=-1).reshape(
        *one.shape[:-1], 2 * one.shape[-1])


def _gain(leader: Arrays, follower: Arrays,
          how: str) -> NDArray[np.number | np.bool_]:
    if not ("gain" in leader and "gain" in follower):
        has, lacks = (("leader", "follower") if "gain" in leader
                      else ("follower", "leader"))
        raise InputError(f"the {has} sends gain stages and the {lacks} does "
                         "not: set source.gainPath to what both send")
    return _side_by_side(leader["gain"], follower["gain"], how)


def _mask(leader: Arrays, follower: Arrays, how: str) -> NDArray[np.bool_]:
    """One for all pulses where both are, else one for every pulse."""
    masks = []
    for part in leader, follower:
        shape = part["data"].shape
        mask = part.get("mask", np.zeros(shape[1], np.uint8))
        if mask.shape not in (shape, shape[1:]):
            raise InputError(f"mask of shape {mask.shape} for spectra of "
                             f"shape {shape}")
        masks.append(mask != 0)
    if masks[0].ndim != masks[1].ndim:
        masks = [np.broadcast_to(mask, part["data"].shape) for mask, part
                 in zip(masks, (leader, follower), strict=True)]
    one, other = masks
    return _side_by_side(one, other, how)


def _ids(leader: Arrays, follower: Arrays,
         joined: Arrays) -> dict[str, NDArray[np.number | np.bool_]]:
    """The ids of the pulses; not valid where the modules differ in them."""
    if not ("pulse_id" in leader and "pulse_id" in follower):
        found = leader.get("pulse_id", follower.get("pulse_id"))
        return {} if found is None else {"pulse_id": found}
    ids, others = leader["pulse_id"], follower["pulse_id"]
    pulses = len(joined["data"])
    if ids.shape != (pulses,) or others.shape != (pulses,):
        raise InputError(f"pulse ids of shapes {ids.shape} and "
                         f"{others.shape} for {pulses} pulses")
    received = received_of(joined, pulses)
    same = ids == others
    if received.any() and not (same & received).any():
        raise InputError("no pulse has the same id in leader and follower: "
                         "they are not of one train, or count differently")
    if (same | ~received).all():
        return {"pulse_id": ids}
    return {"pulse_id": ids, "valid": (received & same).astype(np.uint8)}
