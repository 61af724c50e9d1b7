PROGRAMS += minictr-monitor
minictr-monitor_main := engine/monitor/monitor_main
minictr-monitor_ldflags = $(STATIC)
