"""The style sheet for the stock widgets, made from tokens and scale.

What is not here is painted by its own class.
"""

from __future__ import annotations

from dgm_studio.gui.theme.tokens import Tokens

_SHEET = """
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: $6px $8px; }
QPushButton, QToolButton { background: @raised; color: @text; border: 1px solid @line; border-radius: $6px;
    padding: 0 $10px; min-height: $24px; }
QPushButton:hover, QToolButton:hover { background: @hover; border-color: @border_hover; }
QPushButton:pressed, QToolButton:pressed { background: @pressed; }
QPushButton:checked, QToolButton:checked { background: @accent; color: @on_accent; border-color: @accent; }
QPushButton:checked:hover, QToolButton:checked:hover { background: @accent_hover; border-color:
    @accent_hover; }
QPushButton:focus, QToolButton:focus { border: 2px solid @accent; padding: 0 $9px; }
QPushButton:checked:focus, QToolButton:checked:focus { border-color: @text; }
QPushButton:disabled, QToolButton:disabled { color: @disabled; background: @panel; border-color: @line; }
QPushButton:checked:disabled, QToolButton:checked:disabled { background: @line; color: @dim;
    border-color: @line; }
QPushButton[kind="primary"] { background: @accent; color: @on_accent; border-color: @accent; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:pressed { background: @accent_pressed; }
QPushButton[kind="primary"]:focus { border-color: @text; }
QPushButton[kind="primary"]:disabled { background: @line; color: @dim; border-color: @line; }
QPushButton[kind="link"], QToolButton[kind="link"], QToolButton[kind="icon"], QToolButton[kind="value"] {
    background: transparent; border: 1px solid transparent; }
QPushButton[kind="link"] { color: @accent; padding: 0 $3px; }
QPushButton[kind="link"][tint="dim"] { color: @dim; }
QPushButton[kind="link"][tint="faint"] { color: @faint; }
QPushButton[kind="link"]:hover { color: @accent_hover; text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid @accent; padding: 0 $3px; }
QPushButton[kind="link"]:disabled { color: @disabled; }
QToolButton[kind="icon"] { padding: 0; min-width: $24px; }
QToolButton[kind="icon"]:hover { background: @hover; }
QToolButton[kind="icon"]:pressed { background: @pressed; }
QToolButton[kind="icon"]:focus { border: 2px solid @accent; padding: 0; }
QToolButton[kind="icon"]:disabled { background: transparent; border-color: transparent; }
QToolButton[kind="value"] { padding: 0 $4px; }
QToolButton[kind="value"]:hover { background: @hover; border-color: @line; }
QToolButton[kind="value"]:focus { border: 1px solid @accent; padding: 0 $4px; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox { background: @raised; color: @text;
    border: 1px solid @line; border-radius: $6px; padding: 0 $7px; min-height: $24px;
    selection-background-color: @accent; selection-color: @on_accent; }
QPlainTextEdit, QTextEdit { padding: $6px; background: @stage; }
QLineEdit:hover, QComboBox:hover { border-color: @border_hover; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus { border: 2px solid @accent; }
QLineEdit[invalid="true"] { border: 2px solid @error; }
QLineEdit:disabled { color: @disabled; background: @panel; }
QComboBox { background: @raised; color: @text; border: 1px solid @line; border-radius: $6px; padding: 0 $9px;
    min-height: $24px; }
QComboBox:focus { border: 2px solid @accent; padding: 0 $8px; }
QComboBox:disabled { color: @disabled; background: @panel; }
QComboBox::drop-down { border: none; width: $24px; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @line; padding: $4px;
    outline: 0; selection-background-color: @accent_wash; selection-color: @text; }
QComboBox QAbstractItemView::item { min-height: $26px; }
QMenu { background: @raised; color: @text; border: 1px solid @line; padding: $4px; }
QMenu::item { padding: $5px $22px $5px $12px; border-radius: $4px; min-height: $18px; }
QMenu::item:selected { background: @accent_wash; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @line; margin: $4px $8px; }
QMenu::indicator { width: $14px; height: $14px; margin-left: $6px; }
QMenuBar { background: @panel; color: @text; }
QMenuBar::item { padding: $4px $8px; background: transparent; }
QMenuBar::item:selected { background: @hover; }
QScrollArea { border: none; background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: $8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: $8px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: $3px; margin: 1px; }
QScrollBar::handle:hover { background: @border_hover; }
QScrollBar::handle:vertical { min-height: $26px; }
QScrollBar::handle:horizontal { min-width: $26px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: @line; border: none; border-radius: $2px; max-height: $4px; min-height: $4px; }
QProgressBar::chunk { background: @accent; border-radius: $2px; }
QListView { background: transparent; border: none; outline: 0; }
QTableView { background: @panel; border: 1px solid @line; gridline-color: @line; outline: 0;
    selection-background-color: @accent_wash; selection-color: @text; }
QHeaderView::section { background: @raised; color: @dim; border: none; border-bottom: 1px solid @line;
    padding: $4px $8px; }
QCheckBox, QRadioButton { spacing: $8px; min-height: $26px; color: @text; }
QCheckBox:disabled, QRadioButton:disabled { color: @disabled; }
QSplitter::handle { background: @line; }
QDialog { background: @panel; }
"""


def stylesheet(tokens: Tokens, scale: float) -> str:
    """The application's style sheet: @token becomes its colour, $n becomes n design pixels at this scale."""
    pieces = _SHEET.split("$")
    out = [pieces[0]]
    for piece in pieces[1:]:
        digits = piece[: len(piece) - len(piece.lstrip("0123456789"))]
        out.append(f"{round(int(digits) * scale)}{piece[len(digits) :]}")
    sheet = "".join(out)
    names = [n for n in dir(tokens) if not n.startswith("_") and n not in ("name", "colour")]
    for name in sorted(names, key=len, reverse=True):  # @accent_hover before @accent
        sheet = sheet.replace(f"@{name}", tokens.colour(name))
    return sheet
