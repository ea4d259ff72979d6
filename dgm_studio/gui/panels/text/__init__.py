"""The Text panel: watch masked diffusion unmask a sentence, learn it live, and see why the order matters.

Lives here: the film of tokens and its read-outs, the live training of a text model, the corruption of a sentence. May
not live here: drawing tokens (solvers.unmasking), counting words (data.text), and a word about any one family.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("text", "Text", "text", 5, "Watch a sentence come out of masks, token by token")
