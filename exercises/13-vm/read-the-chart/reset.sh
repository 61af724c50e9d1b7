rm -f "$LAB_STATE/kept.json"
