// A library that has nothing of what is looked for in it.
extern "C" int hikaku_nothing() { return 0; }
