"""The command line: `dgm-studio VERB ...` works headless and never imports Qt; without a verb the window opens."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from dgm_studio import __version__
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.names import near
from dgm_studio.core.reader_command import PROGRAM, READER
from dgm_studio.core.recipe import SEED_LIMIT
from dgm_studio.core.recipe_file import read_recipe
from dgm_studio.core.table import ImportChoice

VERBS = (
    "list", "train", "sample", "trace", "logprob", "measure", "unmask", "interpolate", "inspect", "diff", "screenshot",
)  # fmt: skip
OF_FILES = ("inspect", "diff")
"""Verbs that look into files of others: exit code 3 where one cannot be read."""
ROOMS = ("families", "data", "solvers", "paths", "measures")
DONE, REFUSED, WRONG_USAGE, UNREADABLE = 0, 1, 2, 3
OF_A_RECIPE = ("set", "preset", "data", "source", "teacher")
"""Options of train that a recipe already answers."""


class _Parser(argparse.ArgumentParser):
    """Says the near ones where a verb, a room or an option is unknown."""

    def error(self, message: str) -> NoReturn:
        words = message.split("'")
        known = re.findall(r"[\w-]+", message.partition("choose from")[2])
        close = near(words[1], known) if "invalid choice" in message and len(words) > 1 else []
        hint = f" Did you mean {' or '.join(close)}?" if close else f" See {self.prog} --help."
        self.exit(WRONG_USAGE, f"{self.prog}: {message}.{hint}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused or failed with one sentence on stderr, 2 wrong usage, 3 a file
    that inspect or diff cannot read."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == [READER]:
        from dgm_studio.checkpoints.reader.__main__ import main as read_checkpoints

        return read_checkpoints()
    if words[:1] == [PROGRAM]:
        from dgm_studio.checkpoints.rebuild.program_runner import main as run_program

        return run_program()
    if opens_window(words):
        from dgm_studio.app import open_window

        return open_window(_window_parser().parse_args(words))
    options = _parser().parse_args(words)
    if options.verb == "train" and bool(options.family) == bool(options.recipe):
        _parser().error("train needs either a FAMILY or --recipe FILE")
    if options.verb == "train" and options.recipe and any(getattr(options, name) for name in OF_A_RECIPE):
        _parser().error(f"a recipe brings its own knobs and data; leave out --{', --'.join(OF_A_RECIPE)}")
    if options.verb == "trace" and bool(options.checkpoint) == bool(options.exact):
        _parser().error("trace needs either a CHECKPOINT or --exact DATA")
    if options.verb == "trace" and options.checkpoint and options.path:
        _parser().error("a checkpoint brings its own path; leave out --path, or give --exact DATA")
    try:
        result = _run(options)
    except Refused as refusal:
        print(f"dgm-studio: {refusal}", file=sys.stderr)  # noqa: T201
        if options.verb not in OF_FILES or not isinstance(refusal, RefusedFile):
            return REFUSED
        if options.json:
            from dgm_studio.checkpoints.reader.commands import refused

            _say(options, refused(options.paths, refusal))
        return UNREADABLE
    except KeyboardInterrupt:
        print("dgm-studio: interrupted; nothing was written.", file=sys.stderr)  # noqa: T201
        return REFUSED
    except Exception as error:  # noqa: BLE001 -- the person gets a sentence; explain() recognises what can be
        from dgm_studio.lab.explain import explain

        print(f"dgm-studio: {explain(error).sentence}", file=sys.stderr)  # noqa: T201
        return REFUSED
    _say(options, result)
    return DONE


def opens_window(words: Sequence[str]) -> bool:
    """No verb, only files and window options."""
    if any(word in ("-h", "--help", "--version") for word in words):
        return False
    first = words[0] if words else "-"
    return first.startswith("-") or (first not in VERBS and (Path(first).exists() or bool(Path(first).suffix)))


def _run(options: argparse.Namespace) -> dict[str, Any] | list[dict[str, Any]]:
    if options.verb == "screenshot":
        from dgm_studio.app import screenshot

        return screenshot(
            options.panel,
            options.out,
            options.theme,
            options.size,
            options.recipe,
            options.steps,
            options.presenter,
        )
    if options.verb in OF_FILES:
        from dgm_studio.checkpoints.reader.commands import diff, inspect

        return inspect(*options.paths) if options.verb == "inspect" else diff(*options.paths)
    quiet = options.quiet or not sys.stderr.isatty()
    if options.verb == "measure":
        from dgm_studio.lab.measure_command import measure

        return measure(
            options.names, options.p, options.q, options.n, options.seed, options.ways, _import_choice(options), quiet
        )
    if options.verb == "unmask":
        from dgm_studio.lab.unmask_command import unmask

        return unmask(
            options.checkpoint, options.prompt, options.length, options.steps, options.order, options.seed,
            options.set, options.json, quiet,
        )  # fmt: skip
    from dgm_studio.lab import commands

    match options.verb:
        case "list":
            return commands.list_room(options.room)
        case "train" if options.recipe:
            return commands.train_recipe(
                read_recipe(options.recipe), options.steps, options.seconds, options.out, quiet
            )
        case "train":
            return commands.train(
                options.family, options.preset, options.data, _import_choice(options),
                options.seed, options.set, options.steps, options.seconds, options.out, quiet,
                options.source, options.teacher,
            )  # fmt: skip
        case "sample":
            return commands.sample(options.checkpoint, options.n, options.seed, options.set, options.out, quiet)
        case "interpolate":
            points = (options.start, *options.via, options.end)
            return commands.interpolate(
                options.checkpoint, points, options.frames, options.mode, options.closed, options.label,
                options.gamma, options.fps, options.out, quiet,
            )  # fmt: skip
        case "trace":
            return commands.trace(
                options.checkpoint, options.n, options.seed, options.set, options.out, quiet, options.exact,
                options.path,
            )  # fmt: skip
    return commands.logprob(options.checkpoint, options.points, options.out, quiet)


def _import_choice(options: argparse.Namespace) -> ImportChoice:
    """How a CSV or NPY file is read; a measure takes its points as they are, without classes."""
    columns = tuple(name.strip() for name in options.columns.split(",")) if options.columns else ()
    label, units = getattr(options, "label", ""), getattr(options, "normalisation", "none")
    return ImportChoice(columns, label, units, options.drop_bad_rows, options.thin)


def _say(options: argparse.Namespace, result: dict[str, Any] | list[dict[str, Any]]) -> None:
    """JSON on stdout with --json, else a few plain lines."""
    if options.json:
        sys.stdout.write(json.dumps(_plain(result), indent=2, allow_nan=False) + "\n")
        return
    if options.verb in OF_FILES and isinstance(result, dict):
        from dgm_studio.checkpoints.reader.commands import diff_text, inspected_text

        sys.stdout.write(inspected_text(result) if options.verb == "inspect" else diff_text(result))
        return
    if options.verb == "measure" and isinstance(result, dict):
        from dgm_studio.lab.measure_command import table

        sys.stdout.write(table(result))
        return
    if options.verb == "unmask" and isinstance(result, dict):
        sys.stdout.write(f"{result['text']}\n")
        return
    if isinstance(result, list):
        width = max(len(row["id"]) for row in result)
        for row in result:
            of = " of pictures" if row.get("takes") == "pictures" else ""
            sys.stdout.write(f"{row['id']:<{width}}  {row['title']}{of}. {row['summary']}\n")
        return
    for name, value in result.items():
        sys.stdout.write(f"{name.replace('_', ' ')}: {value}\n")


def _plain(value: Any) -> Any:
    """JSON has no infinity: it is written as the string "inf" (CONVENTIONS.md), and likewise "-inf" and "nan"."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="dgm-studio",
        description="Train deep generative models, step through them, look inside. With no verb, or with a file, the "
        "window opens.",
    )
    parser.add_argument("--version", action="version", version=f"dgm-studio {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print the result as JSON on standard output")
    common.add_argument("--quiet", action="store_true", help="no progress bar on standard error")

    shared: dict[str, Any] = {"parents": [common]}

    room = verbs.add_parser("list", **shared, help="what there is: families, data, solvers, paths, measures")
    room.add_argument("room", choices=ROOMS)

    train = verbs.add_parser("train", **shared, help="train a family on a data set and save it")
    train.add_argument("family", nargs="?", metavar="FAMILY", help="an id of 'list families', or a preset's id")
    train.add_argument(
        "--data",
        default="",
        metavar="NAME|FILE",
        help="an id of 'list data', CSV or NPY, TXT, a folder of pictures or fonts (default eight-gaussians)",
    )
    train.add_argument("--source", default="", metavar="NAME", help="pair-flow-matching: a data set's id")
    train.add_argument(
        "--teacher",
        default="",
        metavar="FILE",
        help="a checkpoint to begin with, or the name of one that ships: a diffusion's for reflow and distillation, an "
        "autoencoder's for models of its codes; its data unless --data says otherwise",
    )
    train.add_argument(
        "--columns", default="", metavar="X,Y", help="one or two of a file's columns (default: the first two)"
    )
    train.add_argument("--label", default="", metavar="COLUMN", help="a file's column of classes")
    train.add_argument(
        "--normalisation",
        choices=("centre", "standardise", "none"),
        default="centre",
        help="a file's units: one scale for both axes, one each, or as they are",
    )
    _rows_options(train)
    train.add_argument("--recipe", metavar="FILE", help="run a saved recipe (JSON) instead")
    train.add_argument("--preset", default="", metavar="NAME", help="one of the family's presets")
    train.add_argument("--steps", type=_positive, metavar="N", help="stop after N steps")
    train.add_argument("--seconds", type=_positive_number, metavar="S", help="stop after S seconds (default 20)")
    _common_options(train)
    train.add_argument("--out", required=True, metavar="FILE", help="the checkpoint, .safetensors")

    sample = verbs.add_parser("sample", **shared, help="draw samples from a checkpoint")
    sample.add_argument("--out", required=True, metavar="FILE", help=".npy, .csv or .png")
    trace = verbs.add_parser("trace", **shared, help="every frame from noise to data")
    trace.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help=".npz (x1_hat and velocity are NaN where a frame has none), .gif, .mp4, .png",
    )
    trace.add_argument("--exact", default="", metavar="DATA", help="no model: the exact field of a data set with knobs")
    trace.add_argument("--path", default="", metavar="PATH", help="--exact: an id of 'list paths' (default straight)")
    for one in (sample, trace):
        one.add_argument("checkpoint", metavar="CHECKPOINT", nargs="?" if one is trace else None)
        one.add_argument("-n", type=_positive, metavar="N", help="how many (default 2000 points, some pictures)")
        _common_options(one)

    between = verbs.add_parser("interpolate", **shared, help="pictures from one point of a latent space to another")
    between.add_argument("checkpoint", metavar="CHECKPOINT", help="a file, or a model that ships: fashion-vae")
    where = "seed:1 (drawn from the prior), data:42 (a training picture) or image:FILE"
    between.add_argument("--from", required=True, dest="start", metavar="POINT", help=where)
    between.add_argument("--via", action="append", default=[], metavar="POINT", help="on the way; may be given again")
    between.add_argument("--to", required=True, dest="end", metavar="POINT", help=where)
    between.add_argument("--frames", type=_positive, default=32, metavar="N", help="exactly so many (default 32)")
    between.add_argument("--mode", default="slerp", metavar="MODE", help="lerp, slerp or norm (default slerp)")
    between.add_argument("--closed", action="store_true", help="come back to the first point")
    between.add_argument("--label", type=int, default=-1, metavar="Y", help="a flow's class (default -1: none)")
    between.add_argument("--gamma", type=float, default=1.0, metavar="G", help="a flow's guidance (default 1)")
    between.add_argument("--fps", type=_positive_number, default=20.0, metavar="F", help="frames a second (default 20)")
    between.add_argument(
        "--out", required=True, metavar="FILE", help=".png, .gif, .mp4, or .npz with x (frames, c, h, w) in [-1, 1]"
    )

    logprob = verbs.add_parser("logprob", **shared, help="log-likelihood of points, in nats")
    logprob.add_argument("checkpoint", metavar="CHECKPOINT")
    logprob.add_argument("--points", required=True, metavar="FILE", help=".npy of shape (n, d), in the data's units")
    logprob.add_argument("--out", required=True, metavar="FILE", help=".npy of shape (n,)")

    measure = verbs.add_parser("measure", **shared, help="how far two distributions are apart")
    measure.add_argument("names", nargs="+", metavar="NAME", help="an id of 'list measures'; may be several")
    for side in ("p", "q"):
        measure.add_argument(
            f"--{side}", required=True, metavar="SPEC", help="data set with knobs (gaussian:mean=0,0;std=1), CSV or NPY"
        )
    measure.add_argument(
        "-n", type=int, default=2_000, metavar="N", help="samples of each, 100 to 200000 (default 2000)"
    )
    measure.add_argument("--seed", type=_seed, default=0, metavar="S")
    measure.add_argument(
        "--ways",
        default="",
        metavar="WAY,...",
        help="closed form, quadrature, ids of estimators, or all (default: the first two and the usual estimator)",
    )
    measure.add_argument("--columns", default="", metavar="X,Y,...", help="a file's columns (default: all of numbers)")
    _rows_options(measure)

    unmask = verbs.add_parser("unmask", **shared, help="restore masked text step by step")
    unmask.add_argument("checkpoint", metavar="CHECKPOINT", help="a file, or a model that ships: kjv-masked-word")
    unmask.add_argument(
        "--prompt",
        default="",
        metavar="TEXT",
        help="words that stay, ___ for a token to be written, ___*18 for many",
    )
    unmask.add_argument("--length", type=_positive, default=0, metavar="L", help="tokens (default: the model's own)")
    unmask.add_argument("--steps", type=_positive, metavar="K", help="network calls (default 64)")
    unmask.add_argument("--order", default="", metavar="NAME", help="which masks are lifted first (default margin)")
    _common_options(unmask)

    look = verbs.add_parser("inspect", **shared, help="what a checkpoint of anybody's is, without running it")
    look.add_argument("paths", nargs=1, metavar="PATH", help="a file or folder of any format")
    change = verbs.add_parser("diff", **shared, help="how far two checkpoints are apart, tensor by tensor")
    change.add_argument("paths", nargs=2, metavar="PATH", help="two files or folders")

    shot = verbs.add_parser("screenshot", **shared, help="a picture of a panel, drawn offscreen")
    shot.add_argument("panel", metavar="PANEL", help="train, trajectories, race, divergences, text, scenes")
    shot.add_argument("--out", required=True, metavar="FILE.png")
    shot.add_argument("--theme", choices=("dark", "light"), default="dark")
    shot.add_argument("--size", type=_size, default=(1440, 900), metavar="WxH")
    shot.add_argument("--recipe", metavar="FILE", help="a saved recipe (JSON)")
    shot.add_argument("--steps", type=_positive, default=500, metavar="N", help="train so many steps first")
    shot.add_argument("--presenter", action="store_true", help="presenter mode")
    return parser


def _common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_seed, default=0, metavar="S")
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE", help="may be given many times")


def _rows_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--drop-bad-rows", action="store_true", help="leave out a file's rows without numbers")
    parser.add_argument("--thin", action="store_true", help="take 200,000 random rows of a longer file")


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="dgm-studio")
    parser.add_argument("file", nargs="?", help="a checkpoint to open")
    parser.add_argument("--offscreen", action="store_true", help="open the window without a display")
    parser.add_argument("--quit-after", type=float, metavar="SECONDS", help="close by itself: for smoke tests")
    return parser


def _positive(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return value


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= SEED_LIMIT:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to {SEED_LIMIT - 1}")
    return int(text)


def _positive_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _size(text: str) -> tuple[int, int]:
    try:
        width, height = (int(part) for part in text.lower().split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not WxH, such as 1440x900") from None
    if not (640 <= width <= 7680 and 480 <= height <= 4320):
        raise argparse.ArgumentTypeError(f"{text} is outside 640x480 to 7680x4320")
    return width, height
