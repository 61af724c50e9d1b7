PROGRAMS += minictr-monitor
minictr-monitor_main := engine/monitor_main
minictr-monitor_ldflags = $(STATIC)
