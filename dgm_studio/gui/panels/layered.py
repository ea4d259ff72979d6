"""What has a stage of layers and a chip for each of them: a panel, or a mode of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dgm_studio.core.reports import RunReport
from dgm_studio.gui.panels.greying import OWN, reasons
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.chip import ChipRow


class Layered:
    """A chip shows or hides its layer, and says why a layer cannot be shown."""

    studio: Studio
    stage: Stage
    chips: ChipRow
    layer_ids: tuple[str, ...]

    def add_chips(self) -> None:
        """One for each layer, in their order; the first nine have keys."""
        for index, name in enumerate(self.layer_ids, start=1):
            layer = self.stage.layer(name)
            key = str(index) if index <= 9 else ""
            help_text = f"Show or hide {layer.title.lower()}"
            chip = self.chips.add(name, layer.title, layer.token, key, help_text, on=layer.isVisible())
            chip.setVisible(name not in OWN)
        self.chips.toggled.connect(self._toggle_layer)

    def layers_kept(self) -> None:
        """A person has shown or hidden a layer, which a session keeps."""

    def show_layer(self, name: str, on: bool) -> None:
        """Show or hide a layer, chip and all."""
        chip = self.chips.chips[name]
        chip.setChecked(on)
        self.stage.show_layer(name, on and chip.isEnabled())

    def grey_layer(self, name: str, reason: str) -> None:
        """A layer that cannot be shown says why; it comes back as it was when the reason goes."""
        chip = self.chips.chips[name]
        self.chips.set_reason(name, reason)
        self.stage.show_layer(name, chip.isChecked() and not reason)

    def grey_each(self, why: Mapping[str, str]) -> None:
        """Grey these layers, each for its reason."""
        for name, reason in why.items():
            self.grey_layer(name, reason)

    def grey_layers(self, report: RunReport) -> None:
        """Grey what this run's model cannot show, each with its reason; of data on a line the stage is x by density."""
        self.stage.set_line(report.columns == 1)
        views = self.studio.catalogue.views if self.studio.catalogue is not None else {}
        families = self.studio.catalogue.families if self.studio.catalogue is not None else {}
        for name, reason in reasons(self.layer_ids, self.studio.model_title(), report, views).items():
            self.grey_layer(name, reason)
            if name in OWN:
                layer, card = self.stage.layer(name), families[report.recipe.family].card
                word = str(card.fact(name, layer.title))
                self.chips.chips[name].set_label(word, f"Show or hide {word.lower()}")
                self.chips.chips[name].setVisible(not reason)

    def kept_layers(self) -> dict[str, Any]:
        """What a session keeps of them."""
        return {"layers": [name for name in self.layer_ids if self.chips.chips[name].isChecked()]}

    def restore_layers(self, held: Mapping[str, Any]) -> None:
        """The reverse; what is missing or foreign stays as it is."""
        layers = held.get("layers")
        if isinstance(layers, list):
            for name in self.layer_ids:
                self.show_layer(name, name in layers)

    def _toggle_layer(self, name: str, on: bool) -> None:
        self.stage.show_layer(name, on)
        self.layers_kept()
