jifenbang.index([["第一党支部","branches/one/index.html"],["第二党支部","branches/two/index.html"]],["chuan"]);
