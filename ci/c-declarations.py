#!/usr/bin/env python3
"""Compares the declarations of two C headers: `c-declarations.py COMPILER THEIRS OURS`.

Every function, enumerator, and type of the first header must be in the second one with the same type. What the second one
has beyond that is listed. Macros are compared by name.
"""

import json
import subprocess
import sys


def declarations(compiler, header):
    """Returns the types of functions and types, the values of enumerators, and the fields of structs, by name."""
    command = [compiler, "-x", "c", "-std=c11", "-fsyntax-only", "-Xclang", "-ast-dump=json", header]
    tree = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    found = {}

    def fields(record):
        inner = record.get("inner", [])
        typed = [(f["name"], f["type"].get("desugaredQualType", f["type"]["qualType"]))
                 for f in inner if f["kind"] == "FieldDecl" and "name" in f]
        # Unions without a name are compared by their fields, below.
        return [(name, "union" if "unnamed" in ty else ty) for name, ty in typed]

    for node in tree["inner"]:
        name = node.get("name", "")
        if not name.startswith(("wasm_", "byte_t", "float", "MEMORY_PAGE_SIZE")) and node["kind"] != "EnumDecl":
            continue
        if node["kind"] == "FunctionDecl":
            found[name] = node["type"]["qualType"]
        elif node["kind"] == "VarDecl":
            found[name] = node["type"]["qualType"]
        elif node["kind"] == "TypedefDecl":
            found["typedef " + name] = node["type"]["qualType"]
        elif node["kind"] == "RecordDecl" and fields(node):
            found["struct " + name] = fields(node)
            for union in node["inner"]:
                if union["kind"] == "RecordDecl":
                    found["union of " + name] = fields(union)
        elif node["kind"] == "EnumDecl":
            value = -1
            for constant in node.get("inner", []):
                explicit = constant.get("inner", [{}])[0].get("value")
                value = int(explicit) if explicit is not None else value + 1
                if constant["name"].startswith("WASM"):
                    found["enumerator " + constant["name"]] = value
    return found


def macros(compiler, header):
    """Returns the names of the macros that programs use."""
    command = [compiler, "-x", "c", "-E", "-dM", header]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    names = (line.split()[1].split("(")[0] for line in lines)
    # The macros that declare things are how a header is written, not part of its interface.
    return {name for name in names if name.lower().startswith("wasm_") and not name.startswith("WASM_DECLARE_")}


def main():
    compiler, theirs, ours = sys.argv[1:]
    expected, actual = declarations(compiler, theirs), declarations(compiler, ours)
    wrong = [f"{name}: {ty} there, {actual.get(name, 'nothing')} here"
             for name, ty in expected.items() if actual.get(name) != ty]
    wrong += [f"macro {name}: missing" for name in macros(compiler, theirs) - macros(compiler, ours)]
    for line in wrong:
        print("different:", line)
    for name in actual.keys() - expected.keys():
        print("beyond the standard:", name)
    if wrong:
        sys.exit(1)
    print(f"{len(expected)} declarations are alike")


main()
