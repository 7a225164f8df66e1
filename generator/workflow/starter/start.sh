#!/bin/sh
# 检查台账，生成网站，在浏览器里打开。出错时窗口不关。
cd "$$(dirname "$$0")" || exit 1
if [ -x $python ]; then run() { $python -m generator "$$@"; }
elif command -v jifenbang >/dev/null; then run() { jifenbang "$$@"; }
else run() { python3 -m generator "$$@"; }
fi
run check; checked=$$?
run build; built=$$?
[ "$$built" -ne 0 ] || xdg-open site/index.html 2>/dev/null || echo "请用浏览器打开 site/index.html"
if [ "$$checked" -ne 0 ] || [ "$$built" -ne 0 ]; then
    echo "请照上面的提示改好，再打开一次。按回车键关闭。"
    read -r _
    exit 1
fi
