from tests.gui.panels.conftest import *
from tests.gui.layout_contract import check_layout
from tests.lab.recipes import small
from dgm_studio.gui.panels.train.panel import TrainPanel
def test_x(opened, qtbot):
    p = opened(TrainPanel, small("diffusion"))
    print(check_layout(p))
    assert 0
