// Functions of libraries that are opened at run time.
#pragma once

#include <dlfcn.h>

namespace hikaku {

/// Null where the library has no such function.
template <class F>
void find_symbol(void* library, F& function, const char* name) {
  function = reinterpret_cast<F>(dlsym(library, name));
}

}  // namespace hikaku
