#!/usr/bin/env bash
# Packages the functions for Lambda, and says how large they are.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: infra/package.sh [OPTION]... [FUNCTION]...

Builds the functions with cargo-lambda, packs each as target/lambda/FUNCTION/bootstrap.zip, where infra/template.yaml
looks for it, and prints the sizes. Without FUNCTION: all of functions/.

Options:
  --arch ARCH        x86_64 or arm64 (default: this machine's); the same value goes into the template's Architecture
  --compiler NAME    cargo or zig (default: cargo for this machine's architecture, zig for the other one)
  --max-bytes N      fail if a package is larger, as it is uploaded (default: 6000000)
  --sizes            build nothing, only look at and pack what is there
  -h, --help         this text

The compiler: `cargo` links with this machine's own linker. It is the default because it brings no second C compiler into the
cryptography's build. Such a binary wants a C library as old as this machine's, and Lambda's is glibc 2.34, so what a binary
wants is read out of it here and a newer one is refused: then package with `--compiler zig`, which links against an old one.

Exit status: 0 packaged; 1 a build failed, or a package is too large or a binary wants too new a C library; 2 wrong usage;
75 it cannot be done here, said in a line that begins with "SKIPPED:".
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)

# What provided.al2023 has.
readonly GLIBC_MINOR=34

case $(uname -m) in
  x86_64 | amd64) host=x86_64 ;;
  aarch64 | arm64) host=arm64 ;;
  *) host=other ;;
esac

arch=$host
compiler=
max_bytes=6000000
build=true
functions=()
while (($#)); do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --arch) arch=${2:?--arch needs a value}; shift ;;
    --compiler) compiler=${2:?--compiler needs a value}; shift ;;
    --max-bytes) max_bytes=${2:?--max-bytes needs a value}; shift ;;
    --sizes) build=false ;;
    -*) printf 'package.sh: unknown option: %s (see --help)\n' "$1" >&2; exit 2 ;;
    *) functions+=("$1") ;;
  esac
  shift
done

if ((${#functions[@]} == 0)); then
  for manifest in "$root"/functions/*/Cargo.toml; do
    functions+=("$(basename "$(dirname "$manifest")")")
  done
fi

case $arch in
  x86_64) triple=x86_64-unknown-linux-gnu ;;
  arm64) triple=aarch64-unknown-linux-gnu ;;
  *) printf 'package.sh: --arch is x86_64 or arm64, not %s\n' "$arch" >&2; exit 2 ;;
esac
if [[ -z $compiler ]]; then
  if [[ $arch == "$host" && $(uname -s) == Linux ]]; then compiler=cargo; else compiler=zig; fi
fi
case $compiler in
  cargo) backend=cargo ;;
  zig) backend=cargo_zigbuild ;;
  *) printf 'package.sh: --compiler is cargo or zig, not %s\n' "$compiler" >&2; exit 2 ;;
esac
if ! [[ $max_bytes =~ ^[0-9]+$ ]]; then
  printf 'package.sh: --max-bytes is a number, not %s\n' "$max_bytes" >&2
  exit 2
fi

readonly packages="$root/target/lambda"
cd "$root"

if $build; then
  "$here/tools/install.sh" lambda
  if ! [[ -d $(rustc --print sysroot)/lib/rustlib/$triple ]]; then
    printf 'SKIPPED: this Rust cannot compile for %s. Package on an %s machine, or add it yourself: rustup target add %s\n' \
      "$arch" "$arch" "$triple" >&2
    exit 75
  fi
  # Named by their place: a library on the way may have the name of a function.
  selection=()
  for function in "${functions[@]}"; do
    selection+=(--package "path+file://$root/functions/$function" --bin "$function")
  done
  # Nothing here may change the toolchain: cargo-lambda would add a target by itself, without rustup it cannot.
  if [[ $compiler == cargo ]]; then
    variable=${triple//-/_}
    export "CARGO_TARGET_${variable^^}_LINKER=$here/tools/fixed-gcc.sh"
  fi
  PATH="$root/.tools/lambda/bin:$PATH" RUSTUP=/nonexistent \
    cargo lambda build --profile lambda --locked --skip-target-check --compiler "$backend" --target "$triple" \
    --lambda-dir "$packages" "${selection[@]}"
fi

# grouped NUMBER: 1234567 → 1,234,567
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }

# The newest glibc whose symbols a binary asks for, as the minor of 2.x; 0 if it asks for none.
glibc_of() { { grep -aoE 'GLIBC_2\.[0-9]+' "$1" || true; } | sed 's/.*\.//' | sort -n | tail -n 1 | grep . || echo 0; }

failed=0
printf '%-16s %12s %12s   %s\n' function bootstrap zip glibc
for function in "${functions[@]}"; do
  bootstrap=$packages/$function/bootstrap
  if ! [[ -f $bootstrap ]]; then
    printf '%-16s is not built: no target/lambda/%s/bootstrap\n' "$function" "$function"
    failed=1
    continue
  fi
  python3 "$here/tools/zip.py" "$bootstrap" "$bootstrap.zip"
  bytes=$(wc -c <"$bootstrap" | tr -d ' ')
  zipped=$(wc -c <"$bootstrap.zip" | tr -d ' ')
  glibc=$(glibc_of "$bootstrap")
  verdict=
  if ((zipped > max_bytes)); then
    verdict+="  TOO LARGE: more than $(grouped "$max_bytes") bytes"
    failed=1
  fi
  if ((glibc > GLIBC_MINOR)); then
    verdict+="  TOO NEW: Lambda has glibc 2.$GLIBC_MINOR; package with --compiler zig"
    failed=1
  fi
  printf '%-16s %12s %12s   2.%s%s\n' "$function" "$(grouped "$bytes")" "$(grouped "$zipped")" "$glibc" "$verdict"
done
((failed)) || printf 'They run on %s only: deploy them with Architecture=%s.\n' "$arch" "$arch"
exit "$failed"
