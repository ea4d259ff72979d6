from tests.gui.panels.latents import conftest
conftest.PATIENCE = 400_000
from tests.gui.panels.latents.conftest import *
import time
def test_a(opened, models, qtbot):
    panel = opened(models["diffusion"], "denoise")
    panel.resize(1440, 900)
    def shot(name):
        qtbot.waitUntil(panel.settled, timeout=400_000)
        qtbot.wait(300)
        print(name, "|", panel.subtitle.full_text(), "|", panel.banner.isVisible(), panel.banner.sentence.text(), time.process_time(), flush=True)
        panel.grab().save(f"/tmp/dev/P8_{name}.png")
    shot("denoise")
    panel.mode._look("guided", 1); panel.mode.seek(2)
    shot("denoise2")
    panel.choose(models["vqvae"]); qtbot.waitUntil(lambda: panel.lane.report is not None and panel.lane.report.family=="vqvae", timeout=400_000)
    panel.show_mode("codes")
    shot("codes")
    panel.mode.choose((2, 3) if panel.mode.ids.shape[0]>3 else (0,1)); panel.mode.put(5)
    shot("codes2")
    panel.show_mode("denoise")
    shot("denoise_empty")
    panel.show_mode("train")
    shot("train")
    panel.step(3)
    shot("train2")
    for m, f in (("styles","gan"),("measure","vae")):
        panel.choose(models[f]); qtbot.waitUntil(lambda: panel.lane.report is not None and panel.lane.report.family==f, timeout=400_000)
        panel.show_mode(m)
        shot(m)
