#!/bin/sh
# Make a certificate for commentanalyzer.googleapis.com that only your own machines trust.
#
#   sh make-certificates.sh FOLDER [DAYS]
#
# FOLDER gets:  ca.pem      for the clients: NODE_EXTRA_CA_CERTS, or the system's store
#               bundle.pem  the system's authorities and ours: REQUESTS_CA_BUNDLE, SSL_CERT_FILE
#               server.pem, server.key  for the proxy
#
# The authority is bound to that one name (name constraints), and its key is thrown away as soon as
# it has signed: nobody can use it to pretend to be another site. To renew, run this again, and give
# the clients the new ca.pem or bundle.pem.
set -eu
umask 077

name=commentanalyzer.googleapis.com
folder=${1:?Usage: sh make-certificates.sh FOLDER [DAYS]}
days=${2:-825}
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days "$days" \
  -subj "/CN=Toxic Tweets, for $name only" \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" \
  -addext "keyUsage=critical,keyCertSign,cRLSign" \
  -addext "nameConstraints=critical,permitted;DNS:$name" \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }

cat >"$work/server.ext" <<EXT
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:$name
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -subj "/CN=$name" \
  -keyout "$work/server.key" -out "$work/server.csr" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
  -sha256 -days "$days" -extfile "$work/server.ext" -out "$work/server.pem" 2>"$work/log" ||
  { cat "$work/log" >&2; exit 1; }
rm "$work/ca.key"

system=
for file in "${SYSTEM_CA_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt \
  /etc/ssl/cert.pem; do
  if [ -n "$file" ] && [ -r "$file" ]; then
    system=$file
    break
  fi
done
if [ -z "$system" ]; then
  echo "No file of the system's authorities was found: bundle.pem holds ours alone, and clients that" >&2
  echo "use it reach no other site. Name one: SYSTEM_CA_FILE=… sh make-certificates.sh …" >&2
fi
cat ${system:+"$system"} "$work/ca.pem" >"$work/bundle.pem"

chmod 644 "$work/ca.pem" "$work/bundle.pem" "$work/server.pem"
for file in ca.pem bundle.pem server.pem server.key; do
  mv "$work/$file" "$folder/$file"
done
echo "$folder: ca.pem and bundle.pem for the clients, server.pem and server.key for the proxy."
