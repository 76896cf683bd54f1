#!/usr/bin/env bash
# Installs the tools of this project into .tools/, which git ignores.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/tools/install.sh [--force] TOOL...

Installs tools, each in a Python environment of its own or built by cargo, into .tools/TOOL at the project root.
What is already there in the pinned version is left as it is, which takes no noticeable time.

Tools:
  lambda        cargo-lambda: packages the functions and runs them locally
  sam           AWS SAM CLI with cfn-lint: checks and deploys infra/template.yaml
  checkov       checks the translated template for what is known to be dangerous
  parliament    checks the permissions of roles
  schemathesis  tests an API from its OpenAPI document
  ministack     AWS emulator that runs packaged functions
  fuzz          cargo-fuzz: runs programs on inputs made to reach what was not reached yet
  all           all of them

Options:
  --force       install again, whatever is there
  --list        say what is installed, install nothing
  -h, --help    this text

Versions are pinned in infra/tools/requirements-TOOL.txt, that of cargo-fuzz here.
PYTHON names the interpreter to use (default: python3).

Exit status: 0 installed; 2 wrong usage; 75 a tool cannot be had here, said in a line that begins with "SKIPPED:".
TEXT
}

readonly ALL=(lambda sam checkov parliament schemathesis ministack fuzz)
readonly FUZZ=0.13.2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
tools="$root/.tools"
python=${PYTHON:-python3}

wanted=()
force=false
list=false
for argument in "$@"; do
  case $argument in
    -h | --help) usage; exit 0 ;;
    --force) force=true ;;
    --list) list=true ;;
    all) wanted+=("${ALL[@]}") ;;
    lambda | sam | checkov | parliament | schemathesis | ministack | fuzz) wanted+=("$argument") ;;
    *) printf 'install.sh: unknown tool or option: %s (see --help)\n' "$argument" >&2; exit 2 ;;
  esac
done
if $list && ((${#wanted[@]} == 0)); then wanted=("${ALL[@]}"); fi
if ((${#wanted[@]} == 0)); then usage >&2; exit 2; fi

# The pins of a tool.
pins_of() {
  if [[ $1 == fuzz ]]; then printf 'cargo-fuzz==%s\n' "$FUZZ"; else cat "$here/requirements-$1.txt"; fi
}

# What a finished installation leaves behind: the pins and the place they were installed to, since environments do not move.
stamp_of() {
  printf '%s\n' "$tools/$1"
  pins_of "$1"
}

installed() {
  local proof=python
  [[ $1 == fuzz ]] && proof=cargo-fuzz
  [[ -x "$tools/$1/bin/$proof" && -f "$tools/$1/stamp" ]] && stamp_of "$1" | cmp -s - "$tools/$1/stamp"
}

# Installs the pins of a tool, whatever is there.
put() {
  if [[ $1 == fuzz ]]; then
    cargo install --locked --force --root "$tools/$1" --target-dir "$tools/$1/target" --version "$FUZZ" cargo-fuzz &&
      rm -rf "$tools/$1/target"
  else
    "$python" -m venv --clear "$tools/$1" &&
      "$tools/$1/bin/pip" install --disable-pip-version-check --no-input --no-deps --requirement "$here/requirements-$1.txt"
  fi
}

install_tool() {
  local tool=$1 log="$tools/$1.log" began=$SECONDS
  if ! $force && installed "$tool"; then
    printf 'ready      %s\n' "$tool"
    return 0
  fi
  printf 'installing %s (%s packages; log: .tools/%s.log)\n' "$tool" "$(pins_of "$tool" | grep -c '==')" "$tool"
  if put "$tool" >"$log" 2>&1; then
    stamp_of "$tool" >"$tools/$tool/stamp"
    printf 'installed  %s in %d s\n' "$tool" "$((SECONDS - began))"
  else
    tail -n 5 "$log" >&2
    printf 'SKIPPED: %s could not be installed; the whole story is in .tools/%s.log\n' "$tool" "$tool" >&2
    return 75
  fi
}

if $list; then
  for tool in "${wanted[@]}"; do
    if installed "$tool"; then printf 'ready      %s\n' "$tool"; else printf 'missing    %s\n' "$tool"; fi
  done
  exit 0
fi

if ! command -v "$python" >/dev/null || ! "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  printf 'SKIPPED: %s: no Python 3.11 or newer with venv (looked for %s)\n' "${wanted[*]}" "$python" >&2
  exit 75
fi

mkdir -p "$tools"
# Two callers at once would write into the same environment.
if command -v flock >/dev/null; then
  exec 9>"$tools/lock"
  flock 9
fi

status=0
for tool in "${wanted[@]}"; do
  install_tool "$tool" || status=75
done
exit "$status"
