#!/bin/sh
# package.sh - the Debian package under systemd: socket, daemon on the first connection, restart policies over a reboot, removal.
# Inside of the test machine (run.sh package), as root. It runs at each boot: /var/boots counts, /var/bad stays over the reboot.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
check() {  # DESCRIPTION GOT WANTED
	if [ "$2" = "$3" ]; then echo "ok - $1"; else echo "not ok - $1"; printf '#   wanted: %s\n#   got:    %s\n' "$3" "$2"; echo "$1" >>/var/bad; fi
}
eventually() { for _ in $(seq "$1"); do [ "$($2)" = "$3" ] && break; sleep 1; done; $2; }
active() { systemctl is-active minictr.socket minictr.service | paste -sd' '; }
ping() { curl -s -m 60 --unix-socket /run/minictr.sock http://engine/_ping; }
running() { minictr ps --format '{{.Names}}' | sort | paste -sd' '; }
boot=$(($(cat /var/boots 2>/dev/null || echo 0) + 1)); echo $boot >/var/boots
if [ $boot = 1 ]; then
	check "installs" "$(dpkg -i --force-depends /ctl/minictr_*.deb >/var/dpkg.log 2>&1; echo $?)" 0
	check "the socket listens, no daemon runs" "$(active)" "active inactive"
	check "the socket is its group's" "$(stat -c '%U:%G %a' /run/minictr.sock)" "root:minictr 660"
	check "the first connection starts the daemon" "$(ping) $(active)" "OK active active"
	minictr internal starter >/dev/null 2>&1
	for policy in always unless-stopped no; do minictr run -d --network none --name "$policy" --restart $policy busybox sleep 1000 >/dev/null; done
	minictr run -d --network none --name stopped --restart unless-stopped busybox sleep 1000 >/dev/null; minictr stop -t 0 stopped >/dev/null
	check "the daemon sees what the command made" "$(minictr -H unix:///run/minictr.sock ps -q | wc -l)" 3
	pid=$(minictr inspect -f '{{.State.Pid}}' always)
	systemctl restart minictr.service
	check "a restart of the daemon ends no container" "$(ping) $(minictr inspect -f '{{.State.Running}} {{.State.Pid}}' always)" "OK true $pid"
	check "the unit that restores is enabled" "$(systemctl is-enabled minictr-restore.service)" enabled
	sync; systemctl reboot; sleep 300
fi
check "after a reboot: those whose policy says so" "$(eventually 60 running "always unless-stopped")" "always unless-stopped"
check "... the others are as they were left" "$(minictr ps -a --format '{{.Names}} {{.State}}' | sort | sed -n '/^no /p; /^stopped /p' | paste -sd' ')" "no exited stopped exited"
check "... and the socket starts the daemon again" "$(active | cut -d' ' -f1) $(ping)" "active OK"
minictr rm -af >/dev/null 2>&1
check "purges" "$(dpkg -P --force-depends minictr >>/var/dpkg.log 2>&1; echo $?)" 0
check "no unit, no socket, no process is left" "$(systemctl list-unit-files 'minictr*' --no-legend | wc -l) $(ls /run/minictr.sock 2>/dev/null) $(pgrep -c minictr)" "0  0"
[ ! -s /var/bad ]
