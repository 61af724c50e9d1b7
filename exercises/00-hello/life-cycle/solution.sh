. "$(dirname "$0")/../../lib.sh"
minictr restart -t 3 alpha; minictr stop -t 3 beta; minictr rm -f gamma; minictr pause delta; minictr create --name epsilon busybox true
eventually() { for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(file_in alpha /lives | wc -l)" = 2 ] && return; sleep 0.2; done; }
eventually
