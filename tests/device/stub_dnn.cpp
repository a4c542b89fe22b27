// A library that a module needs.
extern "C" int hikaku_stub_dnn_version() { return 9; }
