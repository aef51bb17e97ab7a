#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the XML of pools with libvirt's for the same definitions, and that of a running one with what the system says.

pools/NAME.in.xml is a definition, NAME.out.xml what libvirt 9.0 prints of it when the pool does not run."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent / "pools"
RUNNING = """<pool type='dir'>
  <name>running</name>
  <uuid>11111111-2222-3333-4444-55555555555f</uuid>
  <capacity unit='bytes'>{capacity}</capacity>
  <allocation unit='bytes'>{allocation}</allocation>
  <available unit='bytes'>{available}</available>
  <source>
  </source>
  <target>
    <path>{path}</path>
    <permissions>
      <mode>0{mode:o}</mode>
      <owner>{owner}</owner>
      <group>{group}</group>
    </permissions>
  </target>
</pool>
"""


def run_program(program, paths, option="--pool"):
    printed = subprocess.run([program, option, *map(str, paths)], capture_output=True, check=True).stdout
    return printed.decode().split("\0")[:-1]


def check_goldens(program):
    inputs = sorted(FOLDER.glob("*.in.xml"))
    documents = run_program(program, inputs)
    if not inputs or len(documents) != len(inputs) or len(list(FOLDER.glob("*.out.xml"))) != len(inputs):
        yield f"{len(inputs)} definitions give {len(documents)} documents"
    for path, document in zip(inputs, documents):
        golden = path.with_name(path.name.replace(".in.xml", ".out.xml"))
        if document.rstrip() != golden.read_text().rstrip():
            yield f"{path.name}: {document}"


def check_full(program, scratch):
    """libvirt's document stands in ours as it is, and what the last refresh found beside it."""
    inputs = sorted(FOLDER.glob("*.in.xml")) + [pathlib.Path(scratch) / "running.xml"]
    for path, full in zip(inputs, run_program(program, inputs, "--pool-full"), strict=True):
        validated = pathlib.Path(scratch) / f"full-{path.name}"
        validated.write_text(full)
        state = "running" if path.name == "running.xml" else "inactive"
        if f"  <vp:pool>\n    <vp:state>{state}</vp:state>\n" not in full:
            yield f"{path.name}: {full}"
        golden = path.with_name(path.name.replace(".in.xml", ".out.xml"))
        lines = golden.read_text().rstrip().split("\n") if golden != path else []
        if "".join(f"  {line}\n" for line in lines) not in full:
            yield f"{path.name}: libvirt's document is not in {full}"


def running_facts(path):
    sizes, info = os.statvfs(path), os.stat(path)
    capacity, available = sizes.f_frsize * sizes.f_blocks, sizes.f_frsize * sizes.f_bfree
    return {"capacity": capacity, "available": available, "allocation": capacity - available, "path": path,
            "mode": info.st_mode & 0o777, "owner": info.st_uid, "group": info.st_gid}


def check_running(program, scratch):
    """The numbers of a filesystem that others use may change between two questions."""
    folder = pathlib.Path(scratch) / "pool"
    folder.mkdir(mode=0o751)
    definition = pathlib.Path(scratch) / "running.xml"
    definition.write_text("<pool type='dir'><name>running</name><uuid>11111111-2222-3333-4444-55555555555f</uuid>"
                          f"<target><path>{folder}</path></target></pool>")
    for _ in range(200):
        before = RUNNING.format(**running_facts(folder))
        document = run_program(program, [definition])[0]
        if document == before:
            break
    if document != before:
        yield f"running: {document}, and not {before}"
    validated = pathlib.Path(scratch) / "document.xml"
    validated.write_text(document)


def check_schema(schema, paths):
    for path in paths:
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--relaxng", schema, path], capture_output=True, check=False)
        if done.returncode != 0:
            yield f"{path}: {done.stderr.decode()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--schema", required=True, help="storagepool.rng")
    parser.add_argument("--full-schema", required=True, help="virt-probe.rng")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        problems = [*check_goldens(options.program), *check_running(options.program, scratch)]
        problems += check_full(options.program, scratch)
        problems += check_schema(options.full_schema, pathlib.Path(scratch).glob("full-*"))
        problems += check_schema(options.schema, [*sorted(FOLDER.glob("*.out.xml")), pathlib.Path(scratch) / "document.xml"])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
