"""A program is looked into; before it may run a person is asked, once for each hash, and can take it back."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from torch import Tensor, nn

from dgm_studio.checkpoints.rebuild.program_process import end_programs
from dgm_studio.core.inspection import ASKS, CONSENT
from dgm_studio.gui.consents import Consents
from dgm_studio.gui.dialogs.consent import ConsentDialog
from dgm_studio.gui.dialogs.preferences import PreferencesDialog
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.elsewhere import way_from
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.settings import Preferences
from dgm_studio.gui.theme.theme import Theme
from tests.gui.layout_contract import check_layout
from tests.gui.panels.checkpoints.asleep import PATIENCE, Asleep
from tests.gui.panels.checkpoints.asleep import asleep as asleep
from tests.gui.panels.checkpoints.conftest import OpenCheckpoint


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(2, 2)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = self.net(x) + t[:, None]
        return out


def scripted(net: nn.Module, path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(cast(Any, torch.jit.script)(net.eval()), str(path))
    return path


def test_consent_is_asked_once_for_a_hash_and_taken_back(asleep: Asleep, tmp_path: Path, qtbot: QtBot) -> None:
    path = scripted(Net(), tmp_path / "net.pt")
    panel = asleep(path)
    mode, subject = panel.inspect_mode, panel.subject
    asked: list[tuple[Any, ...]] = []
    answers = [False, True]

    def ask(title: str, path: str, size: int, sha256: str, contents: Sequence[str]) -> bool:
        asked.append((title, path, size, sha256, tuple(contents)))
        return answers.pop(0)

    mode.consenting.ask = ask
    button = next(row.button for row in mode.form.findings.rows if row.finding.code == "E11")
    assert subject.program is not None
    assert subject.program.verdict == ASKS
    button.click()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=PATIENCE)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert asked[0][:4] == ("TorchScript program", str(path), path.stat().st_size, sha256)
    assert "torch.add" in asked[0][4]
    assert any(one.startswith("code/__torch__") for one in asked[0][4])
    assert CONSENT not in subject.choice, "no is no"
    assert panel.mode.id == modes.INSPECT.id
    assert Consents().held() == ()
    with qtbot.waitSignal(mode.consenting.agreed, timeout=PATIENCE):
        button.click()
    assert subject.choice == {CONSENT: sha256}
    assert subject.inspection is not None
    assert subject.inspection.best is not None
    assert subject.inspection.best.id == "torch-program"
    assert Consents().held() == (sha256,)
    panel.open(str(path))
    qtbot.waitUntil(lambda: subject.program is not None, timeout=PATIENCE)
    assert CONSENT not in subject.choice, "another opening does not run it by itself"
    with qtbot.waitSignal(mode.consenting.agreed, timeout=PATIENCE):
        mode.consenting.begin()
    assert not answers, "nobody was asked again"
    dialog = PreferencesDialog(Preferences(), ("cpu",))
    qtbot.addWidget(dialog)
    assert dialog.revoke.text() == "Take back 1 consent to run programs"
    dialog.revoke.click()
    assert Consents().held() == ()
    assert dialog.revoke.isHidden()


def test_the_dialog_names_the_file_and_enter_runs_nothing(qtbot: QtBot, look: Theme) -> None:
    contents = [f"torch.ops.aten.op{k}" for k in range(40)]
    path, sha256 = "/home/somebody/a folder/" + "model-" * 12 + ".pt2", "0123456789abcdef" * 4
    dialog = ConsentDialog("torch.export program", path, 12_345, sha256, contents)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    check_layout(dialog)
    assert dialog.hash.text() == sha256
    assert dialog.path.text().replace("\u200b", "") == path
    assert dialog.contents.toPlainText().split("\n") == contents
    assert dialog.only.isDefault()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert not dialog.agreed


class Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.main = nn.Sequential(nn.ConvTranspose2d(3, 2, 4), nn.ReLU(), nn.ConvTranspose2d(2, 1, 2, 2), nn.Tanh())

    def forward(self, z: Tensor) -> Tensor:
        out: Tensor = self.main(z)
        return out


def test_after_the_consent_its_pictures_are_made(running: OpenCheckpoint, tmp_path: Path, qtbot: QtBot) -> None:
    path = scripted(Generator(), tmp_path / "gan.pt")
    panel = running(str(path), modes.FILM.id)
    works = Running.of(panel.subject, panel.studio.link)
    way = way_from(works)
    assert way is not None
    assert (way.mode, works.report) == (modes.INSPECT.id, None)
    assert "only after you agree" in way.sentence
    panel.subject.agree(hashlib.sha256(path.read_bytes()).hexdigest())
    qtbot.waitUntil(lambda: works.report is not None or works.failure is not None, timeout=PATIENCE)
    assert works.failure is None
    assert works.report is not None
    assert tuple(works.report.shape)[:3] == (1, 8, 8)
    end_programs()
