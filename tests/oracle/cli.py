# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the command line of virt-probe as a user sees it.
"""Targets and their failures, options and verbs, and the output for every recipe image."""

import sys
import tempfile

from cli_images import check_images
from cli_options import check_options
from cli_setting import Setting
from cli_targets import check_targets
from programs import arguments_parse
from tap import Tap


def main():
    """Check everything."""
    arguments = arguments_parse(__doc__, needs_qemu_img=False)
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="virt-probe-") as folder:
        setting = Setting(arguments.program, folder)
        check_targets(tap, setting)
        check_options(tap, setting)
        check_images(tap, setting)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
