"""The gallery of all widgets keeps the layout contract, and the contract finds what is wrong."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.label import MAY_BREAK, Label, breakable
from tests.gui.layout_contract import check_layout
from tests.gui.widgets.gallery import Gallery

SIZES = [(1280, 720), (1440, 900)]


@pytest.mark.parametrize("preference", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES, ids=["1280x720", "1440x900"])
@pytest.mark.parametrize("presenter", [False, True], ids=["desk", "projector"])
def test_the_gallery_keeps_the_contract(
    look: Theme, qtbot: QtBot, preference: str, size: tuple[int, int], presenter: bool
) -> None:
    look.set_preference(preference)
    look.set_presenter(presenter)
    gallery = Gallery()
    qtbot.addWidget(gallery)
    if presenter:  # in presenter mode the columns are away, and a window shows one banner at a time
        gallery.notice.hide()
        gallery.form.set_folded(True)
        gallery.read.set_folded(True)
    gallery.resize(*size)
    gallery.show()
    qtbot.waitExposed(gallery)
    qtbot.wait(20)
    assert check_layout(gallery, scale=look.scale) == []
    assert (gallery.width(), gallery.height()) == size


def test_a_scale_change_while_shown_keeps_the_contract(look: Theme, qtbot: QtBot) -> None:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(1440, 900)
    gallery.show()
    look.set_presenter(True)
    qtbot.wait(20)
    gallery.resize(2100, 1300)
    qtbot.wait(20)
    assert check_layout(gallery, scale=1.5) == []


def broken(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(400, 300)
    return window


def test_the_contract_finds_a_clipped_label(look: Theme, qtbot: QtBot) -> None:
    window = broken(qtbot)
    label = QLabel("a long text that does not fit", window)
    label.setGeometry(0, 0, 40, 20)
    window.show()
    assert any("width" in sentence for sentence in check_layout(window))


def test_the_contract_finds_an_overlap(look: Theme, qtbot: QtBot) -> None:
    window = broken(qtbot)
    for x in (0, 30):
        QLabel("two", window).setGeometry(x, 0, 60, 30)
    window.show()
    assert any("overlaps" in sentence for sentence in check_layout(window))


def test_the_contract_finds_a_nameless_small_control(look: Theme, qtbot: QtBot) -> None:
    window = broken(qtbot)
    button = QPushButton(window)
    button.setGeometry(0, 0, 12, 12)
    window.show()
    found = " ".join(check_layout(window))
    assert "no accessible name" in found
    assert "no tooltip" in found
    assert "hit area" in found


def test_the_contract_finds_tab_going_backwards(look: Theme, qtbot: QtBot) -> None:
    window = broken(qtbot)
    column = QVBoxLayout(window)
    buttons = []
    for word in ("first", "second", "third"):
        button = QPushButton(word)
        button.setAccessibleName(word)
        button.setToolTip(word)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column.addWidget(button)
        buttons.append(button)
    window.show()
    assert check_layout(window) == []
    QWidget.setTabOrder(buttons[2], buttons[1])
    assert any("Tab goes" in sentence for sentence in check_layout(window))


def test_the_contract_leaves_a_good_row_alone(look: Theme, qtbot: QtBot) -> None:
    window = broken(qtbot)
    row = QHBoxLayout(window)
    for word in ("left", "right"):
        row.addWidget(QLabel(word))
    window.show()
    assert check_layout(window) == []


def test_a_word_as_long_as_a_tensor_s_name_is_broken_and_not_cut_off(look: Theme, qtbot: QtBot) -> None:
    name = "decoder.sentence_encoder.layers.11.self_attn.out_proj.weight"
    label, plain = Label(f"It has {name}.", 12, wrap=True), QLabel(f"It has {name}.", wordWrap=True)
    for one in (label, plain):
        qtbot.addWidget(one)
    assert label.minimumSizeHint().width() < plain.minimumSizeHint().width() / 2
    assert label.text().replace(MAY_BREAK, "") == label.full_text() == f"It has {name}."
    assert breakable("Short words, a/b.c and so on, stay as they are.").isascii()
