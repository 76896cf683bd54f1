#!/usr/bin/env bash
# Checks infra/template.yaml without network or account.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/check.sh [-h | --help]

Checks the deployment's template without network or account, one line for each check:

  sam validate --lint      the template is a valid SAM template
  cfn-lint                 so says the linter, of the template
  translation              it turns into CloudFormation, as AWS would turn it
  cfn-lint, translated     and the linter has nothing against the result either
  rules                    nor have our own rules, each with the controls that ask for it (infra/guard/rules --list)
  rules, self-test         each rule finds what it is there for, and nothing else
  routes                   the template, infra/openapi.json and Cargo.toml have the same routes, in both directions
  checkov                  nothing that others found dangerous, but for what infra/.checkov.yaml skips with a reason
  parliament               each permission exists, and is for such a resource

Installs the tools into .tools/ first, if they are not there (infra/tools/install.sh).

Exit status: 0 nothing found (a check without its input or its tool says SKIPPED); 1 findings; 75 the SAM CLI, without which
there is nothing to check, cannot be had here.
TEXT
}

case ${1-} in
  '') ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
infra/tools/install.sh sam
# Without one of these the other checks are still worth something.
infra/tools/install.sh checkov parliament || true

export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}
export SAM_CLI_TELEMETRY=0
readonly BIN=.tools/sam/bin
readonly TEMPLATE=infra/template.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readonly TRANSLATED=$work/translated.json

failed=0
skipped=0

# check NAME COMMAND...: runs it, prints one line; after a finding also what the command said.
check() {
  local name=$1 began=$SECONDS status=0 detail
  shift
  "$@" >"$work/said" 2>&1 || status=$?
  case $status in
    0)
      detail=$(tail -n 1 "$work/said")
      # What these tools say when all is well is not worth the room.
      [[ $name == sam* || $name == cfn-lint* ]] && detail=
      printf 'ok       %-22s %2d s  %s\n' "$name" "$((SECONDS - began))" "$detail"
      ;;
    75)
      skipped=$((skipped + 1))
      printf 'SKIPPED  %-22s %2d s  %s\n' "$name" "$((SECONDS - began))" "$(sed 's/^SKIPPED: //' "$work/said")"
      ;;
    *)
      failed=$((failed + 1))
      printf 'FAILED   %-22s %2d s\n' "$name" "$((SECONDS - began))"
      sed 's/^/         /' "$work/said"
      ;;
  esac
  return 0
}

# with TOOL SCRIPT ARGUMENT...: runs a script with the Python of a tool.
with() {
  local python=.tools/$1/bin/python
  if [[ ! -f .tools/$1/stamp ]]; then
    printf 'SKIPPED: %s cannot be had here\n' "$1"
    return 75
  fi
  "$python" "${@:2}"
}

check 'sam validate --lint' "$BIN/sam" validate --lint --template "$TEMPLATE"
check 'cfn-lint' "$BIN/cfn-lint" --regions "$AWS_DEFAULT_REGION" --template "$TEMPLATE"
check 'translation' "$BIN/python" infra/tools/translate.py "$TEMPLATE" "$TRANSLATED"
if [[ -s $TRANSLATED ]]; then
  check 'cfn-lint, translated' "$BIN/cfn-lint" --regions "$AWS_DEFAULT_REGION" --template "$TRANSLATED"
  check 'rules' "$BIN/python" infra/guard/rules "$TRANSLATED"
  check 'rules, self-test' "$BIN/python" infra/guard/rules --self-test "$TRANSLATED"
  check 'routes' "$BIN/python" infra/tools/routes.py "$TRANSLATED" infra/openapi.json Cargo.toml
  check 'checkov' with checkov infra/guard/with_checkov.py infra/.checkov.yaml "$TRANSLATED"
  check 'parliament' with parliament infra/guard/with_parliament.py "$TRANSLATED"
fi

if ((failed)); then
  printf '%d checks of %s failed.\n' "$failed" "$TEMPLATE"
  exit 1
fi
if ((skipped)); then
  printf '%s: nothing found, %d skipped.\n' "$TEMPLATE" "$skipped"
else
  printf '%s: nothing found.\n' "$TEMPLATE"
fi
