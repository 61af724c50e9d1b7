. "$(dirname "$0")/../lib.sh"
minictr pull -q "$(at)/$(word team)/$(word needle)-tool:1"
minictr tag busybox "$(at)/team/$(word mine):1"; minictr push -q "$(at)/team/$(word mine):1"
