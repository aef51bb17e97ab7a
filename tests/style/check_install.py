#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs into a scratch folder and uses what is there: pkg-config, headers, program, manual, completion."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{command} failed: {done.stdout}{done.stderr}")
    return done.stdout


def compile_example(folder, prefix):
    """A program that knows nothing but pkg-config."""
    description = next(prefix.rglob("virtprobe-1.0.pc"))
    # The scratch folder stands for the root of the machine.
    description.write_text(description.read_text().replace("prefix=/usr/local\n", f"prefix={prefix}\n"))
    environment = dict(os.environ, PKG_CONFIG_PATH=str(description.parent))
    flags = run(["pkg-config", "--cflags", "--libs", "virtprobe-1.0"], env=environment).split()
    program = folder / "describe"
    run([os.environ.get("CC", "gcc"), "-Wall", "-Werror", ROOT / "docs/examples/describe.c", "-o", program, *flags])
    library = next(prefix.rglob("libvirtprobe.so")).parent
    return run([program, ROOT / "tests/qcow2data/v3-plain.qcow2"], env=dict(os.environ, LD_LIBRARY_PATH=str(library)))


def check_completion(path):
    """Presses the tab key as bash does."""
    script = f"""
        . {path}
        complete_line() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _virt_probe 2>/dev/null; echo "${{COMPREPLY[*]}}"; }}
        complete_line virt-probe fo
        complete_line virt-probe info --out
        complete_line virt-probe info --output = js
        complete_line virt-probe info -f qco
        complete_line virt-probe explain trunc
    """
    return run(["bash", "-c", script]).split("\n")


def main():
    build, has_manual = pathlib.Path(sys.argv[1]), sys.argv[2] == "manual"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        run(["meson", "install", "-C", build, "--no-rebuild", "--destdir", folder / "root"])
        prefix = folder / "root/usr/local"
        assert "qcow2" in compile_example(folder, prefix)
        binary = prefix / "bin/virt-probe"
        library = next(prefix.rglob("libvirtprobe.so")).parent
        # Elsewhere than on the machine that it was made for, the program does not find its module by itself.
        os.environ["LD_LIBRARY_PATH"] = f"{library}:{library / 'virt-probe'}"
        os.environ["PATH"] = f"{binary.parent}:{os.environ['PATH']}"
        (folder / "images").mkdir()
        shutil.copy(ROOT / "tests/qcow2data/v3-plain.qcow2", folder / "images")
        assert run([binary, "--version"]).startswith("virt-probe ")
        if next(prefix.rglob("virt-probe-pools.so"), None) is not None:
            assert "v3-plain.qcow2" in run([binary, "scan", "-o", "name", folder / "images"])
            assert next(prefix.rglob("virtprobe-pool-1.0.pc")).exists()
            if next(prefix.rglob("VirtProbe-1.0.typelib"), None) is not None:
                assert next(prefix.rglob("VirtProbePool-1.0.typelib")).exists()
                assert next(prefix.rglob("VirtProbePool-1.0.gir")).exists()
        assert (prefix / "share/virt-probe/targets/glance.target").exists()
        completions = check_completion(next((folder / "root").rglob("completions/virt-probe")))
        assert completions[0].split() == ["formats"], completions
        assert completions[1].split() == ["--output="], completions
        assert completions[2].split() == ["json"], completions
        assert completions[3].split() == ["qcow2", "qcow"], completions
        assert completions[4].split() == ["truncated"], completions
        if has_manual:
            page = next(prefix.rglob("virt-probe.1"))
            text = run(["man", "-l", page], env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"))
            assert "--output" in text and "EXIT STATUS" in text, text[:500]
    return 0


if __name__ == "__main__":
    sys.exit(main())
