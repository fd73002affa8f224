#!/bin/sh
# Rebuilds the built-in world, from questions to cuts. Run it in the project's folder.
#   MAKER   a Python with bench/tiny/requirements.txt: trains and grades, about an hour on one core
#   PYTHON  the project's own Python: trains the classifier and reads the cuts, seconds
# With any argument only the second half is made, from the graded rows that are there.
set -eu
MAKER=${MAKER:-bench/tiny/build/venv/bin/python}
PYTHON=${PYTHON:-.venv/bin/python}
GRADED=bench/tiny/graded

if [ "${1:-all}" = all ]; then
  for name in tiny-a tiny-b tiny-c; do
    "$MAKER" -m bench.tiny.train "$name" --steps 1200 --out bench/tiny/build
    "$MAKER" -m bench.tiny.train "$name" --steps 700 --start "bench/tiny/build/$name.gguf" --rate 0.5 --out router/builtin/models
  done
  "$MAKER" -m bench.tiny.grade
fi
"$PYTHON" -m router.cli learn train --train "$GRADED/train.jsonl.gz" --test "$GRADED/test.jsonl.gz" --task-from request --out router/builtin/artifact
"$PYTHON" -m router.cli learn train --stage panel --panel tiny-a,tiny-b,tiny-c --train "$GRADED/train.jsonl.gz" --test "$GRADED/test.jsonl.gz" --task-from request --out router/builtin/panel
"$PYTHON" -m bench.tiny.cuts
for test in test shifted; do
  "$PYTHON" -m router.cli learn evaluate --train "$GRADED/train.jsonl.gz" --test "$GRADED/$test.jsonl.gz" --task-from request --format json
done
"$PYTHON" -m bench.tiny.table
"$PYTHON" -m bench.tiny.panel
