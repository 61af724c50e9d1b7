. "$(dirname "$0")/../lib.sh"
found=$(minictr search "$(at)/$(word needle)" | grep -o "$(word team)/[a-z-]*tool" | head -1)
other pull -q "$(at)/$found:1"
minictr tag busybox "$(at)/team/$(word mine):1"; minictr push -q "$(at)/team/$(word mine):1"; minictr rmi "$(at)/team/$(word mine):1"
