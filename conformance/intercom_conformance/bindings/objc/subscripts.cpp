// Lets clang compile `array[0]` and `dictionary[@"key"]` for GCC's Objective-C runtime. clang has the option, under the
// name -fobjc-subscripting-legacy-runtime, but heeds it for Apple's oldest runtime only.
#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

using namespace clang;

class Subscripts : public PluginASTAction {
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &compiler, llvm::StringRef) override {
    compiler.getLangOpts().ObjCSubscriptingLegacyRuntime = true;
    return std::make_unique<ASTConsumer>();
  }
  bool ParseArgs(const CompilerInstance &, const std::vector<std::string> &) override { return true; }
  ActionType getActionType() override { return AddBeforeMainAction; }
};

static FrontendPluginRegistry::Add<Subscripts> plugin("subscripts", "subscripts of objects for GCC's runtime");
