import sys
from PIL import Image
out,*f=sys.argv[1:]
ims=[Image.open(x) for x in f]; w,h=ims[0].size
cols=2; rows=-(-len(ims)//cols)
m=Image.new("RGB",(w*cols,h*rows))
for i,x in enumerate(ims): m.paste(x,((i%cols)*w,(i//cols)*h))
m.save(out)
