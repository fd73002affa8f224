"""`python -m bench.panel --data DIR`: what each stage keeps at home, out of fold and apart, beside PANEL.md's figures.

Reads labelled files only; prints Markdown tables, and JSON with `--json FILE`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from classifier import curve, labels, panel, panel_train, verifier_train
from classifier.evaluate import LEVELS, Options, figures_at
from classifier.labels import Label
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.stopping import Outcome, Stages
