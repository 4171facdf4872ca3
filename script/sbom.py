# SPDX-License-Identifier: MPL-2.0
"""A program's bill of materials: CycloneDX 1.6, JSON. The same program has the same one each time."""

import datetime
import hashlib
import json
import uuid
from pathlib import Path


def sbom(name, version, commit, epoch, program, libraries, distro):
    """Its text. `program`: the released bytes; `distro`: "debian-12"."""
    made_of = [_component(library, distro) for library in libraries]
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [{"type": "application", "name": "script/release", "version": version}]},
            "component": {
                "type": "application",
                "bom-ref": name,
                "name": name,
                "version": version,
                "licenses": [{"expression": "MPL-2.0"}],
                "hashes": [_hash(program)],
                "properties": [{"name": "commit", "value": commit}],
            },
        },
        "components": made_of,
        "dependencies": [
            {"ref": name, "dependsOn": [component["bom-ref"] for component in made_of]},
            *({"ref": component["bom-ref"]} for component in made_of),
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(content, sort_keys=True))
    return json.dumps({"serialNumber": serial.urn, **content}, indent=2) + "\n"


def _component(library, distro):
    return {
        "type": "library",
        "bom-ref": library.name,
        "name": library.name,
        "version": library.version,
        "licenses": [{"expression": library.licence}],
        "purl": f"pkg:deb/debian/{library.name}@{library.version.replace('+', '%2B')}?arch=source&distro={distro}",
        **(_compiled_here(library) if library.pins else {}),
        "components": [_archive(library, file) for file in library.files],
    }


def _compiled_here(library):
    return {
        "pedigree": {"notes": "Compiled with the options and changes in script/static_libs.sh."},
        "externalReferences": [_source(*pin) for pin in library.pins],
    }


def _archive(library, file):
    package = [{"name": "debian:package", "value": file.package}] if file.package else []
    return {
        "type": "file",
        "bom-ref": f"{library.name}/{file.path.name}",
        "name": file.path.name,
        "hashes": [_hash(Path(file.path).read_bytes())],
        "properties": [*package, {"name": "bytes", "value": str(file.bytes)}],
    }


def _source(digest, path):
    return {"type": "source-distribution", "url": path, "hashes": [{"alg": "SHA-256", "content": digest}]}


def _hash(content):
    return {"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}
