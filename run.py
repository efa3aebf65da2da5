"""What `make run` starts: a private server, web, worker and sandbox, in order, until Ctrl-C.

Settings come from the environment and `.env`; with none at all it shows the sandbox's phones.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent


def main() -> str:
    """Run until stopped; return what kept it from starting, empty when it ran."""
    os.chdir(ROOT)  # .env, gunicorn.conf.py and ./data are found from here
    try:
        from domain.errors import ConfigError
        from supervisor.problems import StartError
        from supervisor.start import run
    except ModuleNotFoundError as error:
        return f"the package {error.name} is missing in {sys.executable}: run it as make run, which installs it first"
    try:
        run(os.environ)
    except ConfigError as error:
        return "\n".join(f"setting {problem}" for problem in error.problems)
    except StartError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    problem = main()
    sys.exit("".join(f"run: {line}\n" for line in problem.splitlines()).rstrip() or 0)
