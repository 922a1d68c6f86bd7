"""Presets of the source on a running classifier."""
import numpy as np
from karabo.middlelayer import setWait
from karabo.middlelayer.testing import sleepUntil

from tests.broker.classifier_bench import bench, save_model
from tests.devices.fakes import spectra_of

WAIT = 20


async def test_a_preset_at_the_start_and_another_one_later(tmp_path):
    path = save_model(tmp_path / "model.onnx")
    async with bench(path, **{
            "source.preset": "gotthard2 corrected",
            "source.frameNumberPath": "data.number"}) as one:
        await one.live(timeout=WAIT)
        source = one.classifier.source
        assert source.maskPath == "data.mask"
        assert source.countsCalibrated
        assert source.frameNumberPath == "data.number"      # given, so kept
        adc = spectra_of(1).astype(np.float32)
        mask = np.zeros(adc.shape, np.uint32)
        mask[1, 5] = 1 << 9
        out = await one.output(await one.source.send({
            "adc": adc, "mask": mask, "gain": np.ones(adc.shape, np.uint8)}))
        assert out["label"][:4].tolist() == [1, -4, 1, 1]

        await setWait(one.classifier.deviceId, **{
            "source.preset": "image to spectrum"})
        assert source.dataPath == "data.spectrum"
        assert source.maskPath == source.gainPath == ""
        assert not source.countsCalibrated
        out = await one.output(await one.source.send({
            "spectrum": spectra_of(0)[0].astype(np.float64)}))
        assert (out["pulseCount"], out["label"][0]) == (1, 0)
        await sleepUntil(lambda: one.classifier.sampleState is not None,
                         timeout=WAIT)
