// The proof that both devices did the same work.
#pragma once

#include "report/markup.h"
#include "report/page/sources.h"

namespace hikaku {

/// Tables of each result that was measured here; nothing where none holds a proof.
[[nodiscard]] Markup proofs(const Sources& sources);

}  // namespace hikaku
