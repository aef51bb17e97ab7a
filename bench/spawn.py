# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs commands in turns and measures each process from its start to its end."""
import os
import statistics
import sys
import time


class Timing:
    """Medians of many runs of one command, in milliseconds."""

    def __init__(self):
        self.wall = []
        self.cpu = []

    def add(self, wall, usage):
        self.wall.append(wall * 1000)
        self.cpu.append((usage.ru_utime + usage.ru_stime) * 1000)

    def median(self):
        return statistics.median(self.wall)

    def median_cpu(self):
        return statistics.median(self.cpu)


def run_once(command, timing):
    """Runs the command with its output thrown away; a failure ends the benchmark."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(command)}: status {status}")
    timing.add(wall, usage)


def compare(commands, runs):
    """Runs all commands in turns, A B A B, so that whatever disturbs the machine hits all; gives their timings."""
    timings = [Timing() for _ in commands]
    for command in commands:
        run_once(command, Timing())
    for _ in range(runs):
        for command, timing in zip(commands, timings):
            run_once(command, timing)
    return timings
