@echo off
rem Opens the desk in the browser. On an error the window stays open.
pushd "%~dp0"
set "RUN=py -m generator"
where jifenbang >nul 2>nul
if not errorlevel 1 set "RUN=jifenbang"
if exist "$python" set RUN="$python" -m generator
%RUN% --version
if errorlevel 1 goto missing
%RUN% desk
if errorlevel 1 goto stop
exit /b 0
:missing
echo Jifenbang is not installed on this computer, or Python is not. Please install it, then open this file again.
:stop
echo.
pause
exit /b 1
