#!/bin/sh
# 在浏览器里打开工作台。出错时窗口不关。
cd "$$(dirname "$$0")" || exit 1
if [ -x $python ]; then run() { $python -m generator "$$@"; }
elif command -v jifenbang >/dev/null; then run() { jifenbang "$$@"; }
else run() { python3 -m generator "$$@"; }
fi
if ! run desk; then
    echo "请照上面的提示改好，再打开一次。按回车键关闭。"
    read -r _
    exit 1
fi
