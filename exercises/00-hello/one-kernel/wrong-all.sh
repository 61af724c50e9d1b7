. "$(dirname "$0")/../../lib.sh"
minictr exec witness sh -c 'cat /proc/sys/kernel/random/boot_id > /tmp/boot'
keep answer "mnt pid uts ipc net user"
