"""The reader: a helper process without torch that opens, lists and measures files for whoever asks through a pipe.

Started as `core.reader_command.reader_command()` says (`python -m dgm_studio.checkpoints.reader`). It ends when its
standard input closes. Nothing in a file is run, its memory is limited (R13), and whatever a file does to it, the one
who asked goes on.

**Frames**, both ways: one line of JSON (ASCII, ended by a newline) with `"bytes": N`, then N raw bytes. Numbers that
JSON has not come as the strings "inf", "-inf", "nan".

**Orders** have an `id` of the asker's choice (a whole number, never used twice) and a `do`. Every answer carries that
`id`, an `is`, and `"end": true` in the last one, which `is` "done" or one of
  refused    {code, text}: the file's own refusal ("E04"), `text` is the sentence for the person
  failed     {text, details}: a fault of the reader itself, `details` the traceback
  cancelled  {}: after an order {do: "cancel", of: id}

Without an id come `{is: "ready", protocol: 1, pid}` once at the start (orders may be sent before it) and `{is: "alive",
busy: id or null}` every second: who hears nothing for ten seconds may kill the process. An order that takes longer than
its `seconds` (open: 20 by default) is answered with refused E22 and the process ends itself; start a new one.

**do** (f is the number of an opened file, n a tensor's name as the file has it):
  open        {path, seconds?} -> {is: "opened", file: f, kind, title, path, size, files, totals, findings} at once,
              then {is: "inspected", file: f, inspection} (core.inspection_json, without its tensors), then done
              judge: false leaves the inspection out: {do: "judge", file: f} -> done {inspection} does it later
  rows        {file: f, start?, count?} -> {is: "rows", file, start, rows: [[name, dtype, shape, nbytes, file, offset,
              storage], ...]} of 200 each (core.inspection_json.entry_from), done {count}
  stats       {file: f, names?, soon?} -> {is: "stats", file, rows: [[name, low, mean, high, std, norm, zeros, nans,
              infs], ...]} as they come, the largest tensors last (inspection_json.stats_from); one that cannot be read
              comes as {is: "skipped", name, code, text}; done {count, nans: [names], finding?: the E21 finding}. In the
              background: every other order is served first; `soon` makes it one of the others
  verify      {file: f, names?} -> {is: "verified", file, rows: [[name, true | false | null], ...]}, done {good, bad:
              [names], unchecked, finding?: the E06 finding}. In the background
  hash        {path} -> {is: "progress", done, of} ..., done {sha256, size}. In the background
  histogram   {file: f, name: n, bins? 64} -> done {low, high, counts: [...], nans, infs}: equal bins from low to high
  heatmap     {file: f, name: n, rows? 256, columns? 256, index? 0} -> done {shape: [r, c], of: [rows, columns], low,
              high, many, bytes} and r * c float32: means of blocks of the matrix (first axis by all others); `index`
              chooses one of `many` matrices of a tensor with three axes or more when {axes: "last"} is given
  filters     {file: f, name: n, most? 64, channel? -1} -> done {shape: [k, c, h, w], of, low, high, bytes} and float32:
              the first k filters of a convolution (out, in, h, w); c = 3 where it has 3 inputs, else 1: input
              `channel`, or the mean over all inputs for -1
  singular    {file: f, name: n, seconds? 10} -> done {values: [...], rank, norm}: of the matrix (first axis by all
              others), largest first; rank counts those above eps * max(shape) * the largest
  values      {file: f, name: n, start? 0, count? 4096} -> done {dtype, shape: [k], bytes}: raw numbers, flattened
  difference  {file: f, other? g, weights? [id, id]} -> done {difference} (inspection_json.difference_from): two files,
              or, without `other`, two weight sets of one (["ema", "raw"])
  export      {file: f, path, names?, weights?} -> {is: "progress", done, of} ..., done {path, tensors, size, left_out:
              [names]}: a clean safetensors file, written beside, flushed, renamed (R17)
  close       {file: f} -> done: forgets the file
  cancel      {of: id} -> nothing of its own; the order `id` ends as cancelled
"""
