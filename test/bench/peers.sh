#!/bin/sh
# Makes a folder of the peers that `npm run bench -- copy` measures, out of Debian sid's packages:
#   sh test/bench/peers.sh FOLDER && HOLDFAST_PEERS=FOLDER npm run bench -- copy
# Nothing is installed: the packages are unpacked, and FOLDER/bin/* start them with sid's own C library.
# Needs a Debian or Ubuntu with apt, and debian-archive-keyring.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial" "$folder/debs" "$folder/root" "$folder/bin"
echo "deb [signed-by=$keyring] $mirror sid main" > "$folder/apt/sources.list"
: > "$folder/apt/status"
apt() {
  apt-get -q -o Dir::State="$folder/apt" -o Dir::State::status="$folder/apt/status" -o Dir::Cache="$folder/apt" \
    -o Dir::Etc::sourcelist="$folder/apt/sources.list" -o Dir::Etc::sourceparts=- -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$folder/debs" && apt download skopeo crane oras docker-registry libc6 libgpgme45 libassuan9 libgpg-error0 libsqlite3-0)
for deb in "$folder"/debs/*.deb; do dpkg -x "$deb" "$folder/root"; done
libraries="$folder/root/usr/lib/$(uname -m)-linux-gnu"
loader=$(find "$folder/root" -name 'ld-linux*.so.*' | head -n 1)
for name in skopeo crane oras docker-registry; do
  printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$loader" "$libraries" "$folder/root/usr/bin/$name" \
    > "$folder/bin/$name"
  chmod +x "$folder/bin/$name"
done
for name in skopeo crane oras docker-registry; do
  printf '%s: ' "$name"
  case $name in crane | oras) "$folder/bin/$name" version | head -n 1 ;; *) "$folder/bin/$name" --version ;; esac
done
