#!/bin/sh
# deb.sh BUILD_DIR [OUT_DIR] - `make deb`: a Debian package of what is built, by dpkg-deb alone (debhelper need not be there).
# Reproducible: the time stamps are the last commit's (SOURCE_DATE_EPOCH).
set -eu
cd "$(dirname "$0")/../.."
o=$1 out=${2:-$1}; mkdir -p "$out"; out=$(cd "$out" && pwd)
for c in dpkg-deb dpkg-shlibdeps strip fakeroot; do
	[ $c = fakeroot ] || command -v $c >/dev/null 2>&1 || { echo "deb: $c is missing (apt-get install dpkg-dev binutils)" >&2; exit 1; }
done
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}; export SOURCE_DATE_EPOCH
umask 022
arch=$(dpkg --print-architecture)
version=$("$o/bin/minictr" --version | awk '{print $3}')
tree=$out/deb; rm -rf "$tree"; mkdir -p "$tree/DEBIAN"
# systemd's own directory: /usr/lib from trixie on, /lib where that is still another one.
units=$(. /etc/os-release; case ${VERSION_ID:-13} in 9|10|11|12|2[0-3].*) echo /lib/systemd/system ;; *) echo /usr/lib/systemd/system ;; esac)
${MAKE:-make} --no-print-directory -s install O="$o" DESTDIR="$tree" PREFIX=/usr UNITDIR="$units"
find "$tree/usr" -type f -perm -100 | while read -r f; do
	case $f in *.sh) continue ;; esac
	strip --strip-unneeded --remove-section=.comment --remove-section=.note "$f"
done

doc=$tree/usr/share/doc/minictr; mkdir -p "$doc" "$tree/usr/share/lintian/overrides"
cp minictr/package/debian/copyright "$doc/copyright"
cp minictr/package/debian/overrides "$tree/usr/share/lintian/overrides/minictr"
cp README.md SECURITY.md "$doc"
when=$(date -u -R -d "@$SOURCE_DATE_EPOCH")
printf 'minictr (%s) unstable; urgency=medium\n\n  * Built from the source tree.\n\n -- minictr developers <maintainers@minictr.invalid>  %s\n' "$version" "$when" | gzip -9n >"$doc/changelog.gz"

for s in postinst prerm postrm; do install -m 755 "minictr/package/debian/$s" "$tree/DEBIAN/$s"; done

# What the executables load, by their own dynamic sections.
mkdir -p "$out/deb-shlibs/debian"; printf 'Source: minictr\n\nPackage: minictr\nArchitecture: any\n' >"$out/deb-shlibs/debian/control"
elfs=$(find "$tree/usr" -type f -perm -100 | while read -r f; do if readelf -d "$f" 2>/dev/null | grep -q NEEDED; then echo "$f"; fi; done)
depends=$(cd "$out/deb-shlibs" && dpkg-shlibdeps -O --ignore-missing-info $elfs 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
size=$(du -sk --exclude=DEBIAN "$tree" | cut -f1)
sed -e "s/@version@/$version/; s/@arch@/$arch/; s/@size@/$size/; s/@depends@/$depends/" minictr/package/debian/control.in >"$tree/DEBIAN/control"
(cd "$tree" && find usr lib etc -type f 2>/dev/null | LC_ALL=C sort | xargs md5sum) >"$tree/DEBIAN/md5sums"
find "$tree" -depth -type d -empty -delete
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
deb=$out/minictr_${version}_$arch.deb
dpkg-deb --root-owner-group ${DEB_QUICK:+-Zgzip -z1} $([ -n "${DEB_QUICK:-}" ] || echo -Zxz) --build "$tree" "$deb"
rm -rf "$tree" "$out/deb-shlibs"
echo "$deb"
