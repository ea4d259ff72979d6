"""What stands behind a failure's "Details": its sentence, and the traceback to copy into a report."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.core.reports import Failure
from dgm_studio.gui.dialogs.long_text import LongTextDialog


def show_details(failure: Failure, parent: QWidget | None = None) -> LongTextDialog:
    """Open the details beside the window, without stopping it."""
    dialog = LongTextDialog("What happened", failure.details, failure.sentence, parent)
    dialog.show()
    return dialog
