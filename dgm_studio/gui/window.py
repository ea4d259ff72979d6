"""The window: the rail, the panels, the keys, and how it closes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMainWindow,
    QMenu,
    QStackedWidget,
)

from dgm_studio.core.reports import Failure
from dgm_studio.core.snapshot import DESK
from dgm_studio.gui import settings
from dgm_studio.gui.data_desk import DataDesk
from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.file_kinds import CHECKPOINT, DATA, RUN, kind_of_file
from dgm_studio.gui.keeper import Keeper
from dgm_studio.gui.keys import KEYS
from dgm_studio.gui.late_building import LateBuilding
from dgm_studio.gui.panels import panel_class, signs
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.train.panel import TrainPanel
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.resources import resource
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Surface
from dgm_studio.gui.widgets.rail import Rail

GEOMETRY = "window/geometry"
ROOMS = {"text": "text", "pictures": "latents", CHECKPOINT: "checkpoints"}
"""The panel that shows a model which is no run of points, by what it is of."""


class MainWindow(QMainWindow):
    """Everything a person sees. `to_open` is a checkpoint named on the command line."""

    painted = Signal()
    """The whole window has been painted for the first time; the engine is woken now."""

    def __init__(self, studio: Studio, to_open: str = "") -> None:
        super().__init__()
        self.studio = studio
        self.board = StatusBoard(studio)
        self._may_close = False
        self._deciding = False
        self.setWindowIcon(QIcon(str(resource("icons/app.svg"))))
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.rail = Rail()
        self.stack = QStackedWidget()
        self.panels: dict[str, Panel] = {}
        self.signs = signs()
        for sign in self.signs.values():
            self.rail.add(sign.id, sign.title, sign.icon, sign.tooltip)
        ground = Surface("bg")
        row = Row(ground, gap=0)
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        self.setCentralWidget(ground)
        own = bool(to_open) and kind_of_file(to_open) == RUN
        self.keeper = Keeper(studio, self.panels, to_open if own else "")
        self.data = DataDesk(studio, self.train.offer_points, self.train.wishes.data, self)
        self.files = FileDesk(studio, self)
        self.keeper.watch()
        self.late = LateBuilding(self.panels, list(self.signs), self.build, self)
        studio.awake.connect(self.late.start)
        self._connect()
        self._make_keys()
        self.show_panel(self.keeper.front if self.keeper.front in self.signs else self.train.sign.id)
        if to_open and not own:
            self.open_file(to_open)
        # A widget that opaque children cover gets no paint event at all, the stage does. A panel that hides its stage
        # (scenes, text) is painted when its Play button is.
        stage = self.panel.stage
        (self.panel.transport.play if stage.isHidden() else stage.viewport()).installEventFilter(self)
        geometry = settings.store().value(GEOMETRY)
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1440, 900)
        self._title()

    @property
    def train(self) -> TrainPanel:
        """The panel in which everything begins."""
        panel = self.build("train")
        assert isinstance(panel, TrainPanel)
        return panel

    @property
    def panel(self) -> Panel:
        """The panel in front."""
        panel = self.stack.currentWidget()
        assert isinstance(panel, Panel)
        return panel

    def _connect(self) -> None:
        run = self.studio.run
        self.painted.connect(partial(QTimer.singleShot, 0, self, self._wake_engine))
        self.rail.picked.connect(self.show_panel)
        self.rail.settings_clicked.connect(self.show_menu)
        self.rail.help_clicked.connect(self.show_shortcuts)
        self.train.inputs.paint_wanted.connect(self.data.paint)
        self.train.inputs.import_wanted.connect(self.data.choose_file)
        self.studio.notice.connect(self._tell)
        self.files.told.connect(self._tell)
        self.files.opening.connect(self._show_run)
        self.files.chosen.connect(self.open_file)
        self.files.elsewhere_wanted.connect(self._show_elsewhere)
        self.keeper.elsewhere_named.connect(self._show_elsewhere)
        self.keeper.told.connect(self._tell)
        self.studio.link.failed.connect(self._fail)
        self.data.failed.connect(self._show_failure)
        run.opened.connect(lambda _: self._title())
        run.saved.connect(lambda _: self._title())
        run.stepped.connect(lambda _: self._title())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """When the stage is painted, so is all else before the event loop turns again: only then may torch be imported.
        Loading its libraries any earlier holds the first paint up."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self.painted.emit)
        return False

    # Panels.

    def build(self, name: str) -> Panel:
        """The panel with this id, made when it is first wanted."""
        if name not in self.panels:
            panel = panel_class(name)(self.studio, self.board)  # type: ignore[call-arg]
            self.panels[name] = panel
            self.stack.addWidget(panel)
            panel.shortcuts_wanted.connect(self.show_shortcuts)
            panel.look_wanted.connect(self._look)
            self.keeper.welcome(name, panel)
            panel.catch_up()
            if theme().presenter:
                panel.set_presenting(True)
        return self.panels[name]

    def _wake_engine(self) -> None:
        if self.isVisible():  # else closed already
            self.studio.start()

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        panel = self.build(name)
        self.panel.deactivate()
        self.stack.setCurrentWidget(panel)
        self.rail.set_current(name)
        self.keeper.front = name
        # Qt would give the focus to the rail's first button, and the space bar would press that.
        self.panel.stage.setFocus()
        self.panel.activate()

    def _show_elsewhere(self, kind: str, checkpoint: str) -> None:
        """What is no run of points is opened where it can be seen."""
        self.show_panel(ROOMS[kind])
        self.panel.drop(checkpoint)

    def _look(self, name: str, checkpoint: str, choice: dict[str, str]) -> None:
        """A panel sends what it has open to another."""
        self.show_panel(name)
        self.panel.look(checkpoint, choice)

    def _show_run(self) -> None:
        """A run of points is nowhere to be seen among texts and pictures."""
        if self.panel.sign.id in ROOMS.values():
            self.show_panel(self.train.sign.id)

    def set_presenting(self, on: bool) -> None:
        """Presenter mode: large type, thick lines, the stage alone."""
        if on == theme().presenter:
            return
        theme().set_presenter(on)
        for panel in self.panels.values():
            panel.set_presenting(on)
        self.rail.setVisible(not on)
        self.panel.stage.setFocus()  # what had it may be hidden now

    def _tell(self, sentence: str) -> None:
        self.panel.banner.tell(sentence)

    def _fail(self, lane: str, failure: Failure) -> None:
        """Failures of no lane; a panel shows those of its own."""
        if lane == DESK:
            self._show_failure(failure)

    def tell_error(self, sentence: str, details: str) -> None:
        """A fault of the window itself."""
        self.panel.banner.fail(sentence, (), details)

    def _show_failure(self, failure: Failure) -> None:
        self.panel.banner.fail(failure.sentence, (), failure.details)

    def _title(self) -> None:
        run = self.studio.run
        name = Path(run.path).name if run.path else self.studio.model_title()
        title = f"{name}[*] · DGM Studio" if name else "DGM Studio[*]"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        if self.isWindowModified() != (run.unsaved > 0):
            self.setWindowModified(run.unsaved > 0)

    # Keys.

    def _make_keys(self) -> None:
        for key in KEYS:
            for chord in key.chords if key.action else ():
                shortcut = QShortcut(QKeySequence(chord), self)
                shortcut.setAutoRepeat(key.repeats)
                shortcut.activated.connect(lambda key=key, chord=chord: self._press(key.action, chord))

    def _press(self, action: str, chord: str) -> None:
        panel, forward = self.panel, "Shift" not in chord
        match action:
            case "play":
                self._play_or_click()
            case "step":
                panel.step((1 if forward else 10) * (1 if chord.endswith("Right") else -1))
            case "go":
                panel.go(1.0 if chord == "End" else 0.0)
            case "track":
                panel.switch_track(1 if chord == "Down" else -1)
            case "layer":
                panel.press_layer(int(chord) - 1)
            case "restart":
                panel.restart()
            case "beat":
                if self.train.beat_button.isVisibleTo(self.train):
                    self.train.beat_button.click()
            case "slow_motion":
                if panel is self.train:
                    self.train.motion.start()
            case "presenter":
                self.set_presenting(not theme().presenter)
            case "leave":
                self.set_presenting(False)
            case "form":
                panel.fold_form.click()
            case "readouts":
                panel.fold_readouts.click()
            case "panel":
                names = list(self.signs)
                self.show_panel(names[(names.index(panel.sign.id) + (1 if forward else -1)) % len(names)])
            case "open":
                self.files.choose()
            case "paint":
                self.data.paint()
            case "import_data":
                self.data.choose_file()
            case "save" | "save_as":
                self._save(anew=action == "save_as")
            case _:
                getattr(self, action)()

    def _play_or_click(self) -> None:
        """A button that was reached by Tab has the space bar."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QAbstractButton) and focus.isEnabled():
            focus.click()
        else:
            self.panel.toggle_play()

    # Dialogs.

    def show_menu(self) -> None:
        """Files and settings, for those who look for them with the mouse."""
        menu = QMenu(self)
        menu.addAction("Open…\tCtrl+O", self.files.choose)
        recent = menu.addMenu("Open recent")
        for path in self.studio.recent.show():
            recent.addAction(path.name, partial(self.open_file, str(path))).setToolTip(str(path))
        recent.setEnabled(bool(recent.actions()))
        recent.setToolTipsVisible(True)
        menu.addAction("Save\tCtrl+S", partial(self._save, anew=False))
        menu.addAction("Save as…\tCtrl+Shift+S", partial(self._save, anew=True))
        menu.addAction("Export…\tCtrl+E", self.export)
        menu.addSeparator()
        menu.addAction("Paint data…\tCtrl+P", self.data.paint)
        menu.addAction("Import points…\tCtrl+I", self.data.choose_file)
        menu.addSeparator()
        menu.addAction("Presenter mode\tF11", lambda: self.set_presenting(True))
        menu.addAction("Preferences…\tCtrl+,", self.show_preferences)
        menu.addAction("Keyboard…\t?", self.show_shortcuts)
        menu.addAction("About…", self.show_about)
        menu.popup(self.rail.mapToGlobal(self.rail.rect().bottomRight()))

    def export(self) -> None:
        """What the panel in front shows, as a file."""
        self.panel.export_dialog(self).open()

    def show_preferences(self) -> None:
        """Preferences take effect while they are changed."""
        from dgm_studio.gui.dialogs.preferences import PreferencesDialog

        devices = self.studio.catalogue.devices if self.studio.catalogue else ()
        dialog = PreferencesDialog(self.studio.preferences, devices, self)
        dialog.changed.connect(self.studio.change_preferences)
        dialog.open()

    def show_shortcuts(self) -> None:
        """The sheet of all keys."""
        from dgm_studio.gui.dialogs.shortcuts import Shortcut, ShortcutGroup, ShortcutSheet

        groups = {key.group: [] for key in KEYS}  # type: dict[str, list[Shortcut]]
        for key in KEYS:
            chords = ("1", "…", "9") if key.action == "layer" else key.chords
            groups[key.group].append(Shortcut(chords, key.does))
        ShortcutSheet([ShortcutGroup(name, tuple(keys)) for name, keys in groups.items()], self).open()

    def show_about(self) -> None:
        """Versions and licences."""
        from dgm_studio.gui.about import versions
        from dgm_studio.gui.dialogs.about import AboutDialog

        AboutDialog(versions(self.studio.catalogue), parent=self).open()

    def _save(self, *, anew: bool) -> None:
        """A panel with a run of its own saves that."""
        if not self.panel.save(anew=anew):
            (self.files.save_as if anew else self.files.save)()

    # Drops.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file or folder, whatever it is: what cannot be opened says why."""
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """The panel in front is asked first; a folder with a model in it is no data of its."""
        name = event.mimeData().urls()[0].toLocalFile()
        model = kind_of_file(name) == CHECKPOINT and Path(name).is_dir()
        if model or not self.panel.drop(name):
            self.open_file(name)

    def open_file(self, name: str) -> None:
        """A run of the studio is opened, points are imported, anything else is looked into."""
        ways = {RUN: self.files.open, DATA: self.data.inspect}
        ways.get(kind_of_file(name), partial(self._show_elsewhere, CHECKPOINT))(name)

    # The end.

    def closeEvent(self, event: QCloseEvent) -> None:
        """Unsaved work is asked for first; then the session is kept and the worker ended."""
        if not self._may_close:
            self._deciding = True
            own = (panel.own_run() for panel in self.panels.values())
            self._let_go([self.files, *(desk for desk in own if desk is not None)])
            self._deciding = False
        if not self._may_close:
            event.ignore()
            return
        settings.store().setValue(GEOMETRY, self.saveGeometry())
        self.keeper.keep(clean=True)
        self.panel.deactivate()
        if self.data.painter is not None:
            self.data.painter.close()
        for timer in self.findChildren(QTimer):
            timer.stop()
        self.studio.close()
        event.accept()

    def allow_close(self) -> None:
        """The next close asks for nothing."""
        self._may_close = True

    def _let_go(self, desks: list[FileDesk]) -> None:
        """Each of the runs in turn is saved, or let go; then the window closes."""
        if not desks:
            self._close_for_good()
            return
        ask = partial(desks[0].unless_lost, "closing", partial(self._let_go, desks[1:]))
        if self._deciding:
            ask()
        else:  # a save has just ended, whose reports are still being told
            QTimer.singleShot(0, self, ask)

    def _close_for_good(self) -> None:
        """Nothing is lost any more: the close that asked goes on; one that waited for a save begins again."""
        self._may_close = True
        if not self._deciding:
            QTimer.singleShot(0, self, self.close)
