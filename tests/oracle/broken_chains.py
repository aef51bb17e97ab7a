# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests what virt-probe says of backing chains that are broken, hostile or confined.
"""Whatever a chain does, the part that can be described is described, and the rest is named."""

import sys
import tempfile

from broken_formats import check_formats
from broken_hostile import check_hostile
from broken_loops import check_loops
from broken_missing import check_missing
from broken_names import check_names
from broken_output import check_output
from broken_policies import check_policies
from broken_sides import check_sides
from chain_setting import ChainSetting
from programs import arguments_parse
from tap import Tap

PARTS = {"missing": check_missing, "loops": check_loops, "formats": check_formats,
         "names": check_names, "sides": check_sides, "policies": check_policies,
         "hostile": check_hostile, "output": check_output}


def add_options(parser):
    """The options of this test."""
    parser.add_argument("--part", choices=PARTS, help="only this part")


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, add_options)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        setting = ChainSetting(arguments, folder)
        for name, check in PARTS.items():
            if arguments.part in (None, name):
                check(tap, setting)
    tap.check(setting.strace is not None, "strace shows what is opened")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
