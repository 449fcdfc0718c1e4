#!/usr/bin/env bash
# Packs everything that is published into FOLDER (artifacts/package): the tool LstmConvert.Cli, a package for each platform and one that names them,
# the library LstmConvert, native executables, man pages and completions; with names of platforms behind FOLDER, for these alone. 'dotnet tool install LstmConvert.Cli --prerelease --add-source FOLDER' takes the right one.
#
#   linux-x64              native code
#   linux-arm64            native code where a compiler for it is here (Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross), else ReadyToRun
#   win-x64 osx-arm64 osx-x64   ReadyToRun: native code is built on these systems only
#   any                    what runs wherever .NET 10 does
#
# The version is the tag vX.Y.Z of this commit; else the next version with the number of commits since and the commit itself; with changes that are not
# committed, the time too. One commit gives the same bytes each time, and two different packs never have one version.
set -euo pipefail
cd "$(dirname "$0")"
folder=${1:-artifacts/package}
platforms=("${@:2}")
[ "${#platforms[@]}" -gt 0 ] || platforms=(linux-x64 linux-arm64 win-x64 osx-arm64 osx-x64 any)
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

version() {
  local prefix tag count changed=
  prefix=$(sed -nE 's:.*<VersionPrefix>([0-9.]+)</VersionPrefix>.*:\1:p' Directory.Build.props)
  if ! git rev-parse --verify -q HEAD >/dev/null 2>&1; then
    echo "$prefix-dev.0.t$(date -u +%Y%m%d%H%M%S%N)"
    return
  fi
  [ -z "$(git status --porcelain)" ] || changed=.t$(date -u +%Y%m%d%H%M%S%N)
  tag=$(git describe --tags --match 'v[0-9]*' --abbrev=0 2>/dev/null || true)
  if [ -z "$changed" ] && [ -n "$tag" ] && [ "$(git rev-parse "$tag^{commit}")" = "$(git rev-parse HEAD)" ]; then
    echo "${tag#v}"
    return
  fi
  if [ -n "$tag" ]; then
    count=$(git rev-list --count "$tag..HEAD")
    prefix=$(sed -E 's/^v//; s/[-+].*//' <<<"$tag")
    prefix=${prefix%.*}.$((${prefix##*.} + 1))
  else
    count=$(git rev-list --count HEAD)
  fi
  echo "$prefix-dev.$count.g$(git rev-parse --short=10 HEAD)$changed"
}

VERSION=$(version)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
echo "version $VERSION"

# The build is told everything here, so that none of it depends on the machine.
common=(-c Release -v quiet -nologo -p:Version="$VERSION" -p:ContinuousIntegrationBuild=true -p:RunAnalyzers=false -o "$folder")
pack() { dotnet pack "$@" "${common[@]}"; }
tool() { pack src/LstmConvert.Cli -p:PackForPlatforms=true "$@"; }

native() {
  tool -r "$1" -p:PublishAot=true
  cp "artifacts/publish/LstmConvert.Cli/release_$1/LstmConvert.Cli" "$folder/lstmconvert-$1"
}

for platform in "${platforms[@]}"; do
  case $platform in
    linux-x64) native "$platform" ;;
    linux-arm64) if command -v aarch64-linux-gnu-gcc aarch64-linux-gnu-objcopy >/dev/null && [ -e /usr/aarch64-linux-gnu/lib/crt1.o ]; then native "$platform"; else tool -r "$platform"; fi ;;
    *) tool -r "$platform" ;;
  esac
done
tool -p:PublishAot=true # without a platform: the package that names the others
pack src/LstmConvert

if [ "$(uname -sm)" = "Linux x86_64" ] && [ -e "$folder/lstmconvert-linux-x64" ]; then
  mkdir -p "$folder/man" "$folder/completions"
  "$folder/lstmconvert-linux-x64" help --man "$folder/man"
  for shell in bash zsh fish pwsh; do
    "$folder/lstmconvert-linux-x64" completions "$shell" >"$folder/completions/lstmconvert.$shell"
  done
fi
(cd "$folder" && ls -1 ./*"$VERSION"*.nupkg lstmconvert-*)
