import torch,time,sys
from autoencoder import *
from optim import *
torch.set_num_threads(2)
m=Autoencoder(16).to(memory_format=torch.channels_last)
mode=sys.argv[1]
o=Optimizers([m],1e-3,1e-3)
x=torch.randn(16,3,128,128).contiguous(memory_format=torch.channels_last)
def f(x):
    with torch.autocast('cpu',torch.bfloat16):
        y=m.decode(m.encode(x))
    return pyramid_loss(y.float(),x)
if mode=='compile': f=torch.compile(f)
t0=time.time()
def step():
    f(x).backward()
for i in range(3): step()
print('warm',time.time()-t0)
t0=time.time()
for i in range(10): step()
print('fwdbwd',(time.time()-t0)/10)
t0=time.time()
for i in range(3): step(); o.step(1e-3)
print('with opt',(time.time()-t0)/3)
if mode=='prof':
    from torch.profiler import profile
    with profile() as p:
        for i in range(3): step(); o.step(1e-3)
    print(p.key_averages().table(sort_by='self_cpu_time_total',row_limit=18,max_name_column_width=40))
